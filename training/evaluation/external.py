"""Fleets a model was not trained on: what is left of it on drive models it never saw."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from functions.scoring.smart import ERROR_ATTRIBUTES
from training.evaluation.decisions import drives_of
from training.evaluation.evaluate import Part, Tested, by_drive_model
from training.fitting.matrix import FleetHistory
from training.fitting.members import decision
from training.protocol.labels import label_drive_days
from training.telemetry.data import read_telemetry
from training.telemetry.sources import lineage

Floats = npt.NDArray[np.float64]

RULE = "any_above_zero"


def evaluate_elsewhere(
    paths: Sequence[Path], tested: Sequence[Tested], horizon_days: int, *, progress: bool = True
) -> dict[str, Any]:
    """Score every labelled drive-day of other telemetry with the tested candidates.

    Parameters
    ----------
    paths : sequence of Path
    tested : sequence of Tested
        The rule "any above zero" among them.
    horizon_days : int
    progress : bool
        Whether to show a progress bar on stderr.

    Returns
    -------
    dict
        ``lineage``; ``candidates``: by name and drive model the ranking figures, and
        ``at_the_rules_alerts``: how many failing drives are among as many drives as the rule flags.
    """
    frame = read_telemetry(paths, ERROR_ATTRIBUTES, progress)
    history = FleetHistory(frame, ERROR_ATTRIBUTES)
    part = Part.of(label_drive_days(frame.with_row_index("row"), horizon_days), history)
    alerts: dict[str, int] = {}
    found: dict[str, Any] = {}
    for one in sorted(tested, key=lambda other: other.candidate.name != RULE):
        probability = one.calibration.probability(
            decision(one.ranker, part.observed.matrix(one.candidate.features))
        )
        figures = by_drive_model(part.frame, probability)
        for model, of_model in figures.items():
            rows = pl.Series(part.frame["model"] == model)
            drives = drives_of(part.frame.filter(rows), probability[rows.to_numpy()])
            if one.candidate.name == RULE:
                alerts[model] = int((drives.score > drives.score.min()).sum())
            of_model["at_the_rules_alerts"] = {
                "alerts": alerts[model],
                "failing": _hits(drives.label, drives.score, alerts[model]),
            }
        found[one.candidate.name] = figures
    return {"lineage": lineage(paths, frame), "horizon_days": horizon_days, "candidates": found}


def _hits(label: npt.NDArray[np.int8], score: Floats, alerts: int) -> float:
    """Return the failing drives among the highest scores, of equal ones at the border their share."""
    order = np.argsort(-score, kind="stable")
    if not alerts:
        return 0.0
    border = score[order[alerts - 1]]
    above, tied = score > border, score == border
    return round(float(label[above].sum() + label[tied].mean() * (alerts - above.sum())), 2)
