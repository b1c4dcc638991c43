"""The one error a command of ops ends with when it could not do its work."""

from __future__ import annotations


class OpsError(Exception):
    """What went wrong and what to do, in one line for a person.

    Parameters
    ----------
    log : sequence of str, optional
        The last lines of the app's log, shown before the line.
    """

    def __init__(self, message: str, log: list[str] | None = None) -> None:
        super().__init__(message)
        self.log = log or []
