"""One drive of a request: its types, how it is read, its forecast and explanation."""
