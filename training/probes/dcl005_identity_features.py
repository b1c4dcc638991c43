"""DCL005: date, capacity, age and drive model alone forecast better than the error counters do.

They say which drives an operator retired and when, not which are failing. Where they carry the result, it
does not carry over to another fleet.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier

from training.evaluation.curves import average_precision
from training.evaluation.decisions import drives_of
from training.probes.evidence import Evidence
from training.probes.result import ProbeResult
from training.protocol.sampling import sample_negatives

CODE = "DCL005"

IDENTITY = ("date", "capacity_bytes", "smart_9_raw", "model")
"""What tells drives apart without saying how they are; those the telemetry lacks are left out."""

_NEGATIVE_RATE = 0.02


def probe(evidence: Evidence) -> ProbeResult:
    """Measure boosted trees on identity alone against the baseline, by average precision per drive."""
    there = [name for name in IDENTITY if name in evidence.rows.columns]
    names = [name for name in there if evidence.train[name].count()]
    train = sample_negatives(evidence.train, rate=_rate(evidence.train), seed=evidence.seed)
    models = evidence.train["model"].unique().sort().to_list()
    trees = HistGradientBoostingClassifier(
        max_leaf_nodes=8, max_iter=60, early_stopping=False, random_state=evidence.seed
    )
    trees.fit(_matrix(train, names, models), train["label"], sample_weight=train["weight"].to_numpy())
    score = trees.predict_proba(_matrix(evidence.test, names, models))[:, 1]
    drives = drives_of(evidence.test, score)
    measured = average_precision(drives.label, drives.score)
    limit = average_precision(evidence.baseline.label, evidence.baseline.score)
    said = (
        f"trees on {', '.join(names)} alone reach an average precision per drive of {measured:.4f} "
        f"(prevalence "
        f"{drives.prevalence:.4f}); the baseline, any error counter above zero, {limit:.4f}"
    )
    return ProbeResult(CODE, measured > limit, measured, limit, said)


def _rate(train: pl.DataFrame) -> float:
    """Share of negatives to keep: few of a large fleet, all of a small one."""
    return min(1.0, max(_NEGATIVE_RATE, 20_000 / train.height))


def _matrix(rows: pl.DataFrame, names: list[str], models: list[str]) -> npt.NDArray[np.float64]:
    places = {model: float(place) for place, model in enumerate(models)}
    columns = []
    for name in names:
        if name == "model":
            code = pl.col("model").replace_strict(places, default=None, return_dtype=pl.Float64)
            columns.append(code.fill_null(float("nan")))
        elif name == "date":
            columns.append(pl.col("date").to_physical().cast(pl.Float64))
        else:
            columns.append(pl.col(name).cast(pl.Float64).fill_null(float("nan")))
    return rows.select(columns).to_numpy()
