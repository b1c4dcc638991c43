from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import average_precision_score

from tests.training.drive_histories import fleet
from training.backtesting.measures import join, measure, workload
from training.protocol.labels import label_drive_days
from training.protocol.splits import held_out

THRESHOLDS = {"critical": 0.9, "high": 0.7, "medium": 0.5}


def replayed() -> tuple[pl.DataFrame, pl.DataFrame]:
    labelled = label_drive_days(fleet(150, 80, failing=30)).select(
        "date", "serial_number", "model", "label", "days_to_failure"
    )
    random = np.random.default_rng(3)
    logit = random.normal(size=labelled.height) + 2.5 * labelled["label"].to_numpy() - 2
    scored = labelled.select(
        "date",
        "serial_number",
        "model",
        pl.Series("probability", 1 / (1 + np.exp(-logit))),
        pl.lit("low").alias("risk"),
        pl.lit(7, dtype=pl.Int32).alias("history_days"),
    )
    return scored, labelled.with_columns(pl.col("serial_number").alias("drive"))


def test_figures_are_by_drive_by_last_row_and_by_model() -> None:
    scored, labelled = replayed()
    rows = join(scored.sample(fraction=1, shuffle=True, seed=1), labelled)
    found = measure(rows, THRESHOLDS, (1, 0.2))
    json.dumps(found, allow_nan=False)
    highest = rows.group_by("serial_number").agg(pl.col("label").max(), pl.col("probability").max())
    expected = average_precision_score(highest["label"], highest["probability"])
    assert found["all_drives"]["drives"]["average_precision"] == pytest.approx(expected)
    assert found["drive_models"]["ST4000DM000"]["average_precision"] == pytest.approx(expected)
    last = rows.sort("date").group_by("serial_number").last()
    assert found["last_row_per_drive"]["average_precision"] == pytest.approx(
        average_precision_score(last["label"], last["probability"])
    )
    unseen = highest.filter(held_out(highest["serial_number"], 1, 0.2))
    assert found["unseen_drives"]["drives"]["count"] == unseen.height
    assert list(found["all_drives"]["decisions"]) == list(THRESHOLDS)
    assert "unseen_drives" not in measure(rows, THRESHOLDS, None)


def test_a_row_scored_twice_counts_once() -> None:
    scored, labelled = replayed()
    again = scored.head(5).with_columns(probability=0.123)
    rows = join(pl.concat([scored, again]), labelled)
    assert rows.height == labelled.height
    assert (rows["probability"] == 0.123).sum() == 5


def test_drives_of_one_serial_number_are_two() -> None:
    scored, labelled = replayed()
    other = pl.lit("WDC WD60EFRX").alias("model")
    named = pl.format("{}\t{}", "serial_number", "model").alias("drive")
    rows = join(
        pl.concat([scored, scored.with_columns(other)]),
        pl.concat([labelled.with_columns(named), labelled.with_columns(other).with_columns(named)]),
    )
    assert rows.height == 2 * labelled.height
    assert rows["serial_number"].n_unique() == 2 * labelled["serial_number"].n_unique()
    found = workload(pl.concat([scored, scored.with_columns(other)]), THRESHOLDS)
    assert found["drives"] == 2 * scored["serial_number"].n_unique()


def test_the_workload_counts_drives_of_unknown_outcome_too_but_no_unknown_risk() -> None:
    scored, _ = replayed()
    scored = scored.with_columns(
        pl.when(pl.col("serial_number") == "D0000").then(pl.lit("unknown")).otherwise("risk").alias("risk"),
        pl.when(pl.col("serial_number") == "D0000").then(0.99).otherwise("probability").alias("probability"),
    )
    found = workload(scored, THRESHOLDS)
    expected = scored.filter(pl.col("risk") != "unknown", pl.col("probability") >= 0.9)["serial_number"]
    assert found["drives_reaching"]["critical"] == expected.n_unique()
    assert found["unknown_rows"] == scored.filter(pl.col("serial_number") == "D0000").height
    assert found["per_10000_month"]["critical"] == pytest.approx(
        expected.n_unique() / (scored.height / 30) * 10_000
    )
