"""The HTTP side of the host: request targets, routes, keys, the host's own pages, answers."""
