"""A model beside the one that answers: used where it is there, left out where it is not."""

from __future__ import annotations

import logging
import time
from threading import Lock
from typing import TYPE_CHECKING

from functions.errors import DrivecastError

if TYPE_CHECKING:
    from collections.abc import Callable

    from functions.scoring.model.scorer import Scorer

_log = logging.getLogger(__name__)


class ModelBeside:
    """One version that no answer depends on, loaded at its first use.

    Parameters
    ----------
    role : str
        For the log.
    version : str or None
        None where the registry names none.
    answering : str
        The version that answers; it is not its own companion.
    load : callable
        Version to its verified scorer; raises `DrivecastError`.
    pause : float
        Seconds until one that could not be loaded is tried again, where the fault may pass.
    """

    def __init__(
        self,
        role: str,
        version: str | None,
        answering: str,
        load: Callable[[str], Scorer],
        pause: float = 0.0,
    ) -> None:
        self.loaded: Scorer | None = None
        self._role = role
        self._version = None if version == answering else version
        self._load = load
        self._pause = pause
        self._lock = Lock()
        self._given_up = False
        self._not_before = 0.0
        self._shown = ""

    def scorer(self) -> Scorer | None:
        """Return it; None when there is none or it cannot be loaded.

        A failure is logged, once; only one that can pass by itself is tried again.
        """
        if self._version is not None and self.loaded is None:
            with self._lock:
                self._try(self._version)
        return self.loaded

    def _try(self, version: str) -> None:
        if self.loaded is not None or self._given_up or time.monotonic() < self._not_before:
            return
        try:
            self.loaded = self._load(version)
        except DrivecastError as error:
            self._given_up = not error.retryable
            self._not_before = time.monotonic() + self._pause
            if error.detail != self._shown:
                _log.error("%s %s is not asked: %s", self._role, version, error.detail)
            self._shown = error.detail
        except Exception:  # noqa: BLE001 - whatever it is, no answer depends on it
            self._given_up = True
            _log.exception("%s %s is not asked", self._role, version)
