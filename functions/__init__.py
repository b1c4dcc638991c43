"""What is deployed: the blueprints of the function app and the scoring library behind them."""
