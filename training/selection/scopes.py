"""The answers of a release for the drives of each scope, and its figures on the windows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from functions.scoring.model.manifest import SimilarDrives
from training.fitting.candidates import Candidate
from training.fitting.fleet import Fleet
from training.fitting.members import LINEAR_SHARE
from training.metrics.window_scores import WindowScores, part_figures
from training.selection.out_of_fold import Scored
from training.selection.release import Release, similar_drives
from training.selection.similar import score_similar
from training.selection.windows import Earlier, compare_on_windows


@dataclass(frozen=True)
class Scopes:
    """The answers of a release by scope.

    Attributes
    ----------
    drive_models : list of str
        Of the scope ``trained``.
    similar : SimilarDrives or None
        Without histograms; None where nothing was learned about other drives.
    similar_rows : Scored or None
        The rows it was learned on.
    scores : WindowScores or None
        Of the windows.
    quality, windows : dict
        For evaluation.json.
    """

    release: Release
    drive_models: list[str]
    similar: SimilarDrives | None = None
    similar_rows: Scored | None = None
    scores: WindowScores | None = None
    quality: dict[str, Any] = field(default_factory=dict)
    windows: dict[str, Any] = field(default_factory=dict)


def describe_scopes(
    version: str, candidate: Candidate, release: Release, fleet: Fleet, earlier: Earlier | None, seed: int
) -> Scopes:
    """Learn how drives of other models are answered, measure both scopes, and score the windows.

    Parameters
    ----------
    candidate : Candidate
        The recipe of the release; only one with a pooled linear member learns about other drives.
    earlier : Earlier or None
        The version to compare with on the windows.
    """
    if release.quality is None:
        return Scopes(release, fleet.drive_models)
    quality = {
        "trained": {**msgspec.to_builtins(release.quality), "above": release.out_of_fold["above"]},
    }
    if not candidate.pooled:
        return Scopes(release, fleet.drive_models, quality=quality)
    rows = score_similar(fleet, release.model.members[:-1], LINEAR_SHARE, seed=seed)
    similar = None
    if rows is not None:
        similar, above = similar_drives(release, rows, horizon_days=fleet.horizon_days, seed=seed)
        quality["similar"] = {**msgspec.to_builtins(similar.quality), "above": above}
    scores, record = compare_on_windows(
        version, candidate, fleet, rows, release.thresholds, earlier, seed=seed
    )
    if scores is not None:
        sides = [side for side in (scores.previous, scores.own) if side is not None]
        record["parts"] = [
            {"kind": kind, "name": name, **part_figures(scores, chosen, sides, seed=seed)}
            for kind, name, chosen in scores.parts()
        ]
    return Scopes(release, fleet.drive_models, similar, rows, scores, quality, record)
