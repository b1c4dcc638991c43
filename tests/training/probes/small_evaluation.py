"""An honest evaluation, small enough to be made in every test, for the probes to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier

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
    trees.fit(train.select(features).to_numpy(), train["label"].to_numpy())
    return np.asarray(trees.predict_proba(test.select(features).to_numpy())[:, 1])


def recipe(train: pl.DataFrame, test: pl.DataFrame) -> npt.NDArray[np.float64]:
    """Fit on the error counter alone, as an honest recipe would."""
    return fit_on(train, test, ["errors"])


def evidence() -> Evidence:
    """300 drives, 120 days; 90 fail, two thirds of them after their error counter rose; some counters lie."""
    random = np.random.default_rng(7)
    telemetry = fleet(300, 120, failing=90)
    rows = label_drive_days(telemetry, HORIZON)
    number = rows["serial_number"].str.slice(1).cast(pl.Int64)
    speaks, lies = (number % 3 > 0).to_numpy(), (number % 29 == 0).to_numpy()
    near = (rows["days_to_failure"].fill_null(999) <= 8).to_numpy()
    errors = np.where((near & speaks) | lies, random.integers(1, 30, rows.height), 0)
    rows = rows.with_columns(
        pl.Series("errors", errors),
        (4_000_000_000_000 + number % 2).alias("capacity_bytes"),
        (1000 + 24 * (pl.col("date") - pl.col("date").min()).dt.total_days()).alias("smart_9_raw"),
    )
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
