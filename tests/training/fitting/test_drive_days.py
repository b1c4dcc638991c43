from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.training.made_fleet import ATTRIBUTES, telemetry
from training.errors import SplitError
from training.fitting.drive_days import read_drive_days
from training.fitting.observations import FleetHistory
from training.protocol.labels import label_drive_days
from training.telemetry.data import lineage, read_telemetry


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fleet") / "fleet.parquet"
    frame = telemetry(40, 110).with_columns(
        pl.when(pl.col("serial_number") > "D0030")
        .then(pl.lit("WDC WD30EFRX"))
        .otherwise("model")
        .alias("model")
    )
    # Days on which the fleet has rows and a shard's drives have none.
    frame.filter((pl.col("date").dt.day() % 9 > 0) | (pl.col("serial_number") == "D0007")).write_parquet(path)
    return path


@pytest.mark.parametrize("shards", [1, 5, 64])
def test_labels_and_values_are_those_of_the_whole_fleet_read_at_once(path: Path, shards: int) -> None:
    found = read_drive_days([path], 30, shards=shards)
    frame = read_telemetry([path], ATTRIBUTES, progress=False)
    expected = label_drive_days(frame.with_row_index("row"))
    columns = ("serial_number", "date", "model", "period", "label", "days_to_failure")
    assert_frame_equal(
        found.rows.select(columns).cast({"serial_number": pl.String, "model": pl.String}),
        expected.select(columns),
    )
    seen = found.values.observe(found.rows["row"].to_numpy())
    whole = FleetHistory(frame, ATTRIBUTES).observe(expected["row"].to_numpy())
    np.testing.assert_array_equal(seen.now, whole.now)
    for days, values in whole.earlier.items():
        np.testing.assert_array_equal(seen.earlier[days], values)
    assert found.lineage == lineage([path], frame)
    assert found.telemetry_ends == {0: frame["date"].max()}


def test_a_row_takes_some_thirty_bytes(path: Path) -> None:
    rows = read_drive_days([path], 30).rows
    assert rows.estimated_size() / rows.height < 32
    assert rows.schema["serial_number"] == pl.Enum(sorted(rows["serial_number"].unique().to_list()))


def test_telemetry_without_any_row_is_said_in_a_sentence(tmp_path: Path) -> None:
    telemetry(2, 30).head(0).write_parquet(tmp_path / "empty.parquet")
    with pytest.raises(SplitError, match=r"empty\.parquet"):
        read_drive_days([tmp_path / "empty.parquet"], 30)
