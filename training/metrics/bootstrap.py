"""95 % intervals by resampling drives.

Rows of one drive are far from independent, so drives are drawn, never rows. A resample is a vector of how
often each drive was drawn; the metrics take it as weights, so many resamples are computed in one pass over
the ranking.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from training.metrics.curves import FPR_POINTS, Floats, Ranking
from training.metrics.decisions import Drives

LEVEL = 0.95
_CELLS_AT_ONCE = 4_000_000
"""Drives times resamples held in memory at once: about 200 MB with the intermediate results."""


def bootstrap_intervals(
    drives: Drives,
    thresholds: Mapping[str, float] | None = None,
    *,
    resamples: int = 1000,
    seed: int = 0,
    level: float = LEVEL,
) -> dict[str, tuple[float, float] | None]:
    """Return percentile intervals of the per-drive metrics.

    Parameters
    ----------
    thresholds : mapping of str to float, optional
        Named thresholds, for intervals of precision, recall and lift.
    resamples : int
        Number of resamples of as many drives, drawn with replacement.
    seed : int
        The same seed gives the same intervals.
    level : float
        Coverage, in (0, 1).

    Returns
    -------
    dict
        ``prevalence``, ``average_precision``, ``roc_auc``, ``recall_at_fpr_<rate>``, ``precision_<name>``,
        ``recall_<name>`` and ``lift_<name>``, each (low, high); None when the metric is undefined in every
        resample. Resamples in
        which a metric is undefined (no failing drive drawn, no drive flagged) are left out of its interval.
    """
    values = bootstrap_values(drives, thresholds, resamples=resamples, seed=seed)
    tail = (1 - level) / 2
    intervals: dict[str, tuple[float, float] | None] = {}
    for name, drawn in values.items():
        defined = drawn[np.isfinite(drawn)]
        low, high = np.quantile(defined, [tail, 1 - tail]) if defined.size else (math.nan, math.nan)
        intervals[name] = (float(low), float(high)) if defined.size else None
    return intervals


def bootstrap_values(
    drives: Drives, thresholds: Mapping[str, float] | None = None, *, resamples: int = 1000, seed: int = 0
) -> dict[str, Floats]:
    """Return every metric of `bootstrap_intervals` in every resample, shape (resamples,).

    Two models scored on the same drives with the same seed are resampled alike, so differences can be taken
    pairwise.
    """
    size = drives.table.height
    ranking = Ranking.of(drives.label, drives.score)
    generator = np.random.default_rng(seed)
    at_once = max(1, _CELLS_AT_ONCE // size)
    parts = []
    for start in range(0, resamples, at_once):
        count = min(at_once, resamples - start)
        # One draw per resample keeps the stream of random numbers independent of how many fit in memory.
        weights = np.stack(
            [
                np.bincount(generator.integers(0, size, size), minlength=size).astype(np.float64)
                for _ in range(count)
            ]
        )
        parts.append(_metrics(drives, ranking, thresholds or {}, weights))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _metrics(
    drives: Drives, ranking: Ranking, thresholds: Mapping[str, float], weights: Floats
) -> dict[str, Floats]:
    failing = (drives.label == 1).astype(np.float64)
    failed = weights @ failing
    values = {
        "prevalence": failed / weights.sum(axis=1),
        "average_precision": ranking.average_precision(weights),
        "roc_auc": ranking.roc_auc(weights),
    }
    for rate in FPR_POINTS:
        values[f"recall_at_fpr_{rate:g}"] = ranking.recall_at_fpr(rate, weights)
    for name, threshold in thresholds.items():
        flagged = (drives.score >= threshold).astype(np.float64)
        hits, alerts = weights @ (flagged * failing), weights @ flagged
        with np.errstate(invalid="ignore", divide="ignore"):
            values[f"precision_{name}"] = hits / alerts
            values[f"recall_{name}"] = hits / failed
            values[f"lift_{name}"] = values[f"precision_{name}"] / values["prevalence"]
    return values
