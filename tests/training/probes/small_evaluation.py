"""An honest evaluation, small enough to be made in every test, for the probes to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from tests.training.drive_histories import fleet
from training.probes.evidence import Evidence
from training.protocol.labels import label_drive_days
from training.protocol.periods import find_periods
from training.protocol.splits import assign_splits, seen_in_training

HORIZON = 10


def fit_on(train: pl.DataFrame, test: pl.DataFrame, features: Sequence[str]) -> npt.NDArray[np.float64]:
    """Fit a few trees on some columns of the training rows; score the test rows."""
    trees = HistGradientBoostingClassifier(
        max_iter=15, max_leaf_nodes=8, early_stopping=False, random_state=0
    )
    with threadpool_limits(limits=1):
        trees.fit(train.select(features).to_numpy(), train["label"].to_numpy())
        return np.asarray(trees.predict_proba(test.select(features).to_numpy())[:, 1])


def recipe(train: pl.DataFrame, test: pl.DataFrame) -> npt.NDArray[np.float64]:
    """Fit on the error counter alone, as an honest recipe would."""
    return fit_on(train, test, ["errors"])


def evidence() -> Evidence:
    """300 drives, 120 days; 90 fail, two thirds of them after their error counter rose; some counters lie."""
    return _divided(_fleet(failing=90))


def two_fleets() -> Evidence:
    """The same fleet, and one of three years later, of other drives, of which few fail."""
    later = _fleet(failing=8, seed=8).with_columns(
        pl.col("date") + pl.duration(days=1000),
        pl.col("serial_number").str.replace("D", "E"),
        pl.lit("HGST HMS5C4040ALE640").alias("model"),
        (pl.col("capacity_bytes") + 10**12).alias("capacity_bytes"),
    )
    return _divided(pl.concat([_fleet(failing=90), later]))


def _fleet(failing: int, seed: int = 7) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    telemetry = fleet(300, 120, failing=failing).with_columns(
        (1000 + 24 * (pl.col("date") - pl.col("date").min()).dt.total_days()).alias("smart_9_raw")
    )
    number = telemetry["serial_number"].str.slice(1).cast(pl.Int64)
    speaks, lies = (number % 3 > 0).to_numpy(), (number % 29 == 0).to_numpy()
    fails = pl.col("date").filter(pl.col("failure") == 1).max().over("serial_number")
    left = telemetry.select((fails - pl.col("date")).dt.total_days().fill_null(999))["date"].to_numpy()
    errors = np.where(((left <= 8) & speaks) | lies, random.integers(1, 30, telemetry.height), 0)
    return telemetry.with_columns(
        pl.Series("errors", errors), (4_000_000_000_000 + number % 2).alias("capacity_bytes")
    )


def _divided(telemetry: pl.DataFrame) -> Evidence:
    rows = label_drive_days(telemetry, HORIZON)
    divided = seen_in_training(assign_splits(rows, seed=1, horizon_days=HORIZON))
    found = Evidence(
        rows=divided,
        telemetry_ends={period.number: period.last for period in find_periods(telemetry["date"])},
        horizon_days=HORIZON,
        fit_and_score=recipe,
        test_score=np.zeros(0),
        baseline_score=np.zeros(0),
        seed=1,
    )
    return replace(
        found,
        test_score=recipe(found.train, found.test),
        baseline_score=(found.test["errors"] > 0).cast(pl.Float64).to_numpy(),
    )


def relabelled(found: Evidence, split: str, where: pl.Expr) -> Evidence:
    """Return the evidence with some rows moved to another part."""
    moved = pl.when(where).then(pl.lit(split)).otherwise(pl.col("split").cast(pl.String))
    return replace(found, rows=found.rows.with_columns(moved.cast(found.rows.schema["split"]).alias("split")))
