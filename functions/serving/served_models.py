"""The models in use, as one registry names them: the one that answers, the challenger, the baseline."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from functions.scoring.model.manifest import CHALLENGER
from functions.serving.optional_model import ModelBeside

if TYPE_CHECKING:
    from collections.abc import Callable

    from functions.scoring.model.manifest import Registry
    from functions.scoring.model.scorer import Scorer

BASELINE = "baseline"
"""Alias of the model that explanations are compared with; without it the first version is."""

UNREGISTERED = (
    "the registry has no digest of the manifest of model %s in %s: an earlier release wrote it, and damage "
    "to the manifest may go unseen. `python -m training upgrade` records the digests"
)
"""Warning of a version that is served all the same; with version and place."""

BASELINE_PAUSE = 60.0
"""Seconds until a baseline that could not be fetched is tried again: explanations do not wait each time."""

KEPT = 2
"""Versions held beside those of the aliases: champion and challenger before a promotion amid a large file."""


def baseline_of(registry: Registry) -> str | None:
    """Return the version of the baseline; None in a registry without versions."""
    return registry.aliases.get(BASELINE) or next(iter(registry.versions), None)


class ServedModels:
    """The models of one reading of the registry; a newer reading replaces it whole.

    *load* gives the verified scorer of a version or raises `DrivecastError`; it is called at the first use of
    challenger, baseline or another version: an instance that never scores a file does not pay for it.
    """

    def __init__(self, scorer: Scorer, registry: Registry, load: Callable[[str], Scorer]) -> None:
        self.scorer = scorer
        self.aliases = dict(registry.aliases)
        self._load = load
        self._lock = Lock()
        own = scorer.model.version
        self._challenger = ModelBeside(
            "challenger", registry.aliases.get(CHALLENGER), own, self._known_or_loaded
        )
        self._baseline = ModelBeside("baseline", baseline_of(registry), own, self._explaining, BASELINE_PAUSE)
        self._others: dict[str, Scorer] = {}

    def challenger(self) -> Scorer | None:
        """Return the challenger; None when there is none, it answers already, or it cannot be loaded."""
        return self._challenger.scorer()

    def baseline(self) -> Scorer | None:
        """Return the baseline; None when there is none, it answers already, or it cannot be loaded."""
        return self._baseline.scorer()

    def _known_or_loaded(self, version: str) -> Scorer:
        return self.loaded().get(version) or self._load(version)

    def _explaining(self, version: str) -> Scorer:
        found = self._known_or_loaded(version)
        # Otherwise read at the first explanation, which would fail where it is damaged.
        _ = found.explainer
        return found

    def of_version(self, version: str) -> Scorer:
        """Return the scorer of a version, for work begun with it; ModelError when it cannot be loaded."""
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
        known = [self.scorer, self._challenger.loaded, self._baseline.loaded]
        return {each.model.version: each for each in known if each is not None}
