"""DCL005: date, capacity, age and drive model alone forecast better than the error counters do.

They say which drives an operator retired and when, not which are failing. Where they carry the result, it
does not carry over to another fleet.

Each period is looked at by itself, fitted and tested on its own rows. Two fleets of different years fail at
different rates, and identity tells them apart: over both together it ranks the drives of the worse fleet
first. That is how the fleets were mixed, not what an operator did, and a model that knew nothing of either
fleet would be credited with it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from training.metrics.curves import average_precision
from training.metrics.decisions import drives_of
from training.probes.evidence import Evidence
from training.probes.result import ProbeResult
from training.protocol.sampling import sample_negatives

CODE = "DCL005"

IDENTITY = ("date", "capacity_bytes", "smart_9_raw", "model")
"""Features that tell drives apart without saying how they are; those the telemetry lacks are left out."""

_NEGATIVE_RATE = 0.02


class _Found(NamedTuple):
    measured: float
    limit: float
    message: str


def probe(evidence: Evidence) -> ProbeResult:
    """Measure boosted trees on identity alone against the baseline, by average precision per drive.

    Of several periods, the one in which identity is furthest ahead of the baseline is reported.
    """
    periods = evidence.test["period"].unique().sort().to_list()
    found = [one for period in periods if (one := _in_period(evidence, period, len(periods))) is not None]
    if not found:
        message = "no period has failing drives in both train and test; there is nothing to compare"
        return ProbeResult(CODE, False, 0.0, 0.0, message)
    worst = max(found, key=lambda one: one.measured - one.limit)
    return ProbeResult(CODE, worst.measured > worst.limit, *worst)


def _in_period(evidence: Evidence, period: int, periods: int) -> _Found | None:
    tested = (evidence.test["period"] == period).to_numpy()
    test = evidence.test.filter(pl.Series(tested))
    train = evidence.train.filter(pl.col("period") == period)
    if not (0 < train["label"].sum() < train.height and test["label"].sum()):
        return None
    names = [name for name in IDENTITY if name in train.columns and train[name].count()]
    models = train["model"].unique().sort().to_list()
    drawn = sample_negatives(train, rate=_rate(train), seed=evidence.seed)
    trees = HistGradientBoostingClassifier(
        max_leaf_nodes=8, max_iter=60, early_stopping=False, random_state=evidence.seed
    )
    with threadpool_limits(limits=1):
        trees.fit(_matrix(drawn, names, models), drawn["label"], sample_weight=drawn["weight"].to_numpy())
    drives = drives_of(test, trees.predict_proba(_matrix(test, names, models))[:, 1])
    baseline = drives_of(test, evidence.baseline_score[tested])
    measured = average_precision(drives.label, drives.score)
    limit = average_precision(baseline.label, baseline.score)
    where = f", in the period from {train['date'].dt.to_string().sort()[0]}" if periods > 1 else ""
    message = (
        f"trees on {', '.join(names)} alone reach an average precision per drive of {measured:.4f} "
        f"(prevalence {drives.prevalence:.4f}){where}; the baseline, any error counter above zero, "
        f"{limit:.4f}"
    )
    return _Found(measured, limit, message)


def _rate(train: pl.DataFrame) -> float:
    """Share of negatives to keep: few of a large fleet, all of a small one."""
    return min(1.0, max(_NEGATIVE_RATE, 20_000 / train.height))


def _matrix(rows: pl.DataFrame, names: list[str], models: list[str]) -> npt.NDArray[np.float64]:
    indices = {model: float(index) for index, model in enumerate(models)}
    columns = []
    for name in names:
        if name == "model":
            code = (
                pl.col("model").cast(pl.String).replace_strict(indices, default=None, return_dtype=pl.Float64)
            )
            columns.append(code.fill_null(float("nan")))
        elif name == "date":
            columns.append(pl.col("date").to_physical().cast(pl.Float64))
        else:
            columns.append(pl.col(name).cast(pl.Float64).fill_null(float("nan")))
    return rows.select(columns).to_numpy()
