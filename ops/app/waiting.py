"""Waiting for a thing that comes by itself: a role that was just given, a key that the host has yet to make.

Azure takes up to ten minutes with a new role. Waiting has an end, and says what it waits for.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from ops.errors import OpsError


class NotYetError(OpsError):
    """A thing is not there, and may come by itself; *what* names it where it is another than at first."""

    def __init__(self, message: str, what: str = "") -> None:
        super().__init__(message)
        self.what = what


class Patience:
    """How long something is waited for, and how often it is looked for.

    Parameters
    ----------
    seconds : float
        From now on, for everything that is waited for with it.
    pause : float
        Seconds between two looks.
    tell : callable
        Called with a line whenever something else is waited for.
    """

    def __init__(self, seconds: float, pause: float, tell: Callable[[str], None]) -> None:
        self.seconds = seconds
        self.pause = pause
        self._tell = tell
        self._end = time.monotonic() + seconds

    def wait[T](self, what: str, look: Callable[[], T], remedy: str) -> T:
        """Look until it is there.

        Parameters
        ----------
        what : str
            Its name, for people.
        look : callable
            Returns it, or raises NotYetError. Another error ends the waiting.
        remedy : str
            Advice when it does not come.

        Raises
        ------
        OpsError
            It did not come in time.
        """
        shown = ""
        while True:
            try:
                return look()
            except NotYetError as error:
                missing, left = error.what or what, self._end - time.monotonic()
                if left <= 0:
                    raise OpsError(
                        f"waited {self.seconds:.0f} s for {missing}, which did not come: {error}; {remedy}"
                    ) from None
                if shown != missing:
                    shown = missing
                    self._tell(f"waiting for {missing}, {left:.0f} s at most: {error}")
                time.sleep(min(self.pause, left))
