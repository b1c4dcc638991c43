"""DCL004: the recipe ranks drives although their fates were dealt out at random.

Every drive keeps its telemetry and is given another drive's fate, in training and in test alike. A recipe
that learns from the training rows alone finds the test's dealt-out fates no better than chance does, whatever
it learns. One that has seen test rows or test labels, directly or in a feature made of labels, finds them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from training.metrics.curves import Ranking
from training.metrics.decisions import Drives, drives_of
from training.probes.evidence import Evidence
from training.probes.result import ProbeResult

CODE = "DCL004"

DEALS = 1000
"""Orders of chance the average precision is compared with."""

CHANCE = 0.999
"""Quantile of chance that is taken for a leak: one run in a thousand is stopped for nothing."""


def probe(evidence: Evidence) -> ProbeResult:
    """Measure the average precision per drive on dealt-out fates against what chance gives."""
    divided = evidence.rows.filter(pl.col("split").cast(pl.String).is_in(["train", "test"]))
    dealt = deal_fates(divided, evidence.horizon_days, evidence.seed)
    train, test = (dealt.filter(pl.col("split") == name) for name in ("train", "test"))
    drives = drives_of(test, evidence.fit_and_score(train, test))
    ranking = Ranking.of(drives.label, drives.score)
    measured = float(np.nan_to_num(ranking.average_precision()))
    limit = _by_chance(ranking, _periods(test, drives), evidence.seed)
    fired = measured > limit
    message = (
        f"fitted and tested on fates dealt out at random, average precision per drive is {measured:.4f} "
        f"(prevalence {drives.prevalence:.4f}); chance stays below {limit:.4f} in {CHANCE:.1%} of cases"
    )
    return ProbeResult(CODE, fired, measured, limit, message)


def deal_fates(rows: pl.DataFrame, horizon_days: int, seed: int) -> pl.DataFrame:
    """Give every drive the failure date, or the survival, of another drive of its period.

    Parameters
    ----------
    rows : polars.DataFrame
        serial_number, date, period, label, days_to_failure.

    Returns
    -------
    polars.DataFrame
        The rows before their drive's new failure date, with label and days_to_failure to match.
    """
    random = np.random.default_rng(seed)
    failed = (pl.col("date") + pl.duration(days=pl.col("days_to_failure"))).max().alias("_failed")
    fates = rows.group_by("period", "serial_number").agg(failed).sort("period", "serial_number")
    parts = [
        part.with_columns(part["_failed"].gather(random.permutation(part.height)))
        for part in fates.partition_by("period", maintain_order=True)
    ]
    left = (pl.col("_failed") - pl.col("date")).dt.total_days()
    return (
        rows.join(pl.concat(parts), on=["period", "serial_number"], how="left", maintain_order="left")
        .filter(pl.col("_failed").is_null() | (pl.col("date") < pl.col("_failed")))
        .with_columns(
            (left <= horizon_days).fill_null(value=False).cast(pl.Int8).alias("label"),
            left.cast(pl.Int16).alias("days_to_failure"),
        )
        .drop("_failed")
    )


def _periods(test: pl.DataFrame, drives: Drives) -> npt.NDArray[np.integer]:
    """Return the period of every drive. Fates are dealt within a period, so chance has to be, too."""
    of_drive = test.group_by("serial_number").agg(pl.col("period").min())
    return drives.table.join(of_drive, on="serial_number", how="left", maintain_order="left")[
        "period"
    ].to_numpy()


def _by_chance(ranking: Ranking, periods: npt.NDArray[np.integer], seed: int) -> float:
    random = np.random.default_rng([seed, 4])
    in_order = periods[ranking.order]
    indices = [np.flatnonzero(in_order == period) for period in np.unique(in_order)]

    def dealt() -> Ranking:
        positive = ranking.positive.copy()
        for index in indices:
            positive[index] = random.permutation(positive[index])
        return replace(ranking, positive=positive)

    found = [float(np.nan_to_num(dealt().average_precision())) for _ in range(DEALS)]
    return float(np.quantile(found, CHANCE))
