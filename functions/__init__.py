"""The deployed package: the blueprints of the function app and the scoring library they call."""
