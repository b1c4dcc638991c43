"""What serving answers day by day is what training saw: same drives, same days, same probability."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import joblib
import numpy as np
import polars as pl
import pytest

from functions import score
from functions.scoring.model.manifest import CHAMPION, read_manifest, read_registry
from tests.real_data import ST4000DM000, needs_real_data
from training.fitting.observations import FleetHistory

MODELS = Path(__file__).parents[2] / "models"
FIRST = dt.date(2018, 3, 1)
STEP, FILES = 3, 14


def sample() -> pl.DataFrame:
    """A few hundred real drives on every third day of six weeks, all that fail in that time among them."""
    days = [FIRST + dt.timedelta(days=STEP * number) for number in range(FILES)]
    scan = pl.scan_parquet(ST4000DM000).with_columns(pl.col("date").cast(pl.Date))
    failing = scan.filter(pl.col("failure") == 1, pl.col("date") > FIRST).select("serial_number").collect()
    others = scan.select("serial_number").unique().collect().sort("serial_number")[::60]
    chosen = pl.concat([failing, others]).unique()["serial_number"].to_list()
    return (
        scan.filter(pl.col("date").is_in(days), pl.col("serial_number").is_in(chosen), pl.col("failure") == 0)
        .sort("serial_number", "date")
        .collect()
    )


@needs_real_data
@pytest.mark.slow
@pytest.mark.skipif(not (MODELS / "registry.json").is_file(), reason="no trained models in models/")
@pytest.mark.parametrize("name", ["v1", CHAMPION])
def test_days_scored_in_order_with_history_give_the_probabilities_of_the_training_matrix(
    tmp_path: Path, name: str
) -> None:
    frame = sample()
    files = []
    for (day,), rows in frame.group_by("date", maintain_order=True):
        path = tmp_path / f"{day}.csv"
        rows.write_csv(path)
        files.append(path)
    arguments = [*map(str, sorted(files)), "--output", str(tmp_path / "out"), "--model", name]
    assert score.main([*arguments, "--history", str(tmp_path / "history"), "--models", str(MODELS)]) == 0

    folder = MODELS / read_registry(MODELS).resolve(name)
    features = read_manifest(folder).features
    attributes = sorted({feature.attribute for feature in features})
    matrix = FleetHistory(frame, attributes).observe(np.arange(frame.height)).matrix(features)
    expected = joblib.load(folder / "pipeline.joblib").predict_proba(matrix)[:, 1]
    trained = dict(zip(zip(frame["serial_number"], frame["date"], strict=True), expected, strict=True))

    compared, with_history, apart = 0, 0, 0.0
    for path in (tmp_path / "out").glob("????-??-??.csv"):
        with path.open(newline="") as lines:
            for row in csv.DictReader(lines):
                key = (row["serial_number"], dt.date.fromisoformat(row["date"]))
                apart = max(apart, abs(float(row["probability"]) - float(trained[key])))
                compared += 1
                with_history += int(row["history_days"]) > 0
    assert compared == frame.height > 5000
    assert apart <= 1e-6
    if any(feature.kind == "change" for feature in features):
        assert with_history > compared / 2
    assert expected.max() > 20 * np.median(expected), "the sample has drives at risk"
