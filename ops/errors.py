"""The one error a command of ops ends with when it could not do its work."""

from __future__ import annotations


class OpsError(Exception):
    """A failure and what to do about it, in one line for a person.

    *log* are the last lines of the app's log, shown before the line.
    """

    def __init__(self, message: str, log: list[str] | None = None) -> None:
        super().__init__(message)
        self.log = log or []
