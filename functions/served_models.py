"""The models in use, as one registry names them: the answering one, and the challenger in its shadow."""

from __future__ import annotations

import logging
from threading import Lock
from typing import TYPE_CHECKING

from functions.errors import DrivecastError
from functions.scoring.manifest import CHALLENGER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from functions.scoring.scorer import Scorer

_log = logging.getLogger(__name__)

KEPT = 2
"""Versions held beside champion and challenger: those two before a promotion amid a large file."""


class ServedModels:
    """What one reading of the registry came to; it never changes, a newer reading replaces it.

    Parameters
    ----------
    scorer : Scorer
        Answers.
    aliases : mapping of str to str
        Of the registry.
    load : callable
        Version to its verified scorer; raises `DrivecastError`. Called at the first use of the challenger
        or of another version: an instance that never scores a file does not pay for it.
    """

    def __init__(self, scorer: Scorer, aliases: Mapping[str, str], load: Callable[[str], Scorer]) -> None:
        self.scorer = scorer
        self.aliases = dict(aliases)
        self._load = load
        self._lock = Lock()
        self._challenger: Scorer | None = None
        self._given_up = False
        self._said = ""
        self._others: dict[str, Scorer] = {}

    def challenger(self) -> Scorer | None:
        """Return the challenger; None when there is none, it answers already, or it cannot be loaded.

        A failure is logged, once; only one that can pass by itself is tried again.
        """
        version = self.aliases.get(CHALLENGER)
        if version is None or version == self.scorer.model.version:
            return None
        with self._lock:
            if self._challenger is None and not self._given_up:
                try:
                    self._challenger = self._load(version)
                except DrivecastError as error:
                    self._given_up = not error.retryable
                    if error.detail != self._said:
                        _log.error("challenger %s is not asked: %s", version, error.detail)
                    self._said = error.detail
                except Exception:  # noqa: BLE001 - whatever it is, no answer depends on the challenger
                    self._given_up = True
                    _log.exception("challenger %s is not asked", version)
            return self._challenger

    def of_version(self, version: str) -> Scorer:
        """Return the scorer of a version by its name: work that was begun with it goes on with it.

        Raises
        ------
        ModelError
            It cannot be loaded, or no longer.
        """
        known = self.loaded().get(version)
        if known is not None:
            return known
        with self._lock:
            if version not in self._others:
                found = self._load(version)
                while len(self._others) >= KEPT:
                    self._others.pop(next(iter(self._others)))
                self._others[version] = found
            return self._others[version]

    def loaded(self) -> dict[str, Scorer]:
        """Return what is in memory, by version, for a newer reading to take over."""
        known = [self.scorer, self._challenger]
        return {each.model.version: each for each in known if each is not None}
