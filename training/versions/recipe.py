"""The recipe a version was made by, found again from what the version records of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from training.fitting.candidates import Candidate, candidates
from training.fitting.members import TreeSettings
from training.reporting.evaluation_file import Evaluated

LINEAR_SHARE_UP_TO_V2 = 0.3
"""Weight of the linear member in the versions that do not record it."""


def recipe_of(version: Evaluated) -> Candidate | None:
    """Return the candidate that makes such a version.

    Returns
    -------
    Candidate or None
        None when this code has no candidate of that name, title and features: it was made by another recipe
        than any that could be fitted now.
    """
    wanted = [feature.name for feature in version.manifest.features]
    settings, share = _settings(version.evaluation), _linear_share(version.evaluation)
    every = [*candidates(settings, share), *candidates(settings, share, pooled=True)]
    for candidate in every:
        same_features = [feature.name for feature in candidate.features] == wanted
        same_name = candidate.name == version.evaluation["candidate"]
        if same_name and same_features and candidate.title == version.manifest.algorithm:
            return candidate
    return None


def _linear_share(evaluation: Mapping[str, Any]) -> float:
    return float(evaluation.get("parameters", {}).get("linear_share", LINEAR_SHARE_UP_TO_V2))


def _settings(evaluation: Mapping[str, Any]) -> TreeSettings:
    """Return the trees' hyperparameters: as recorded, as searched (up to v2), or the ones used unsearched."""
    recorded = evaluation.get("parameters") or (evaluation.get("search") or {}).get("chosen", {})
    return TreeSettings(**{name: recorded[name] for name in TreeSettings._fields if name in recorded})
