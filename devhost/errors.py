"""The one error class whose message is meant for the person at the terminal."""


class DevhostError(Exception):
    """Something the developer can put right; its message is printed as one line, without a traceback."""
