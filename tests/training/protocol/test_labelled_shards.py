from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.training.drive_histories import day, fleet, history
from training.protocol.labelled_shards import LabelledShard, map_labelled
from training.protocol.labels import label_drive_days
from training.protocol.sampling import sample_negatives
from training.telemetry.data import read_telemetry


@pytest.fixture
def telemetry(tmp_path: Path) -> Path:
    path = tmp_path / "fleet.parquet"
    early = fleet(drives=12, days=60, failing=5)
    late = history("LATE", 200, 290, fails_on={290})
    alone = history("ALONE", 0, 40)
    pl.concat([early, late, alone]).with_columns(smart_5_raw=1).write_parquet(path)
    return path


@pytest.mark.parametrize("shards", [1, 3, 30])
def test_labels_of_shards_are_those_of_the_whole_fleet(telemetry: Path, shards: int) -> None:
    """With 30 shards each drive is alone: its own last day must not be taken for the period's."""
    expected = label_drive_days(read_telemetry([telemetry], progress=False))
    parts = map_labelled([telemetry], lambda shard: shard.rows.drop("row"), shards=shards, progress=False)
    assert pl.concat(parts).sort("serial_number", "date").equals(expected)
    assert set(expected["period"]) == {0, 1}


def test_rows_point_into_the_shards_frame_and_days_are_the_fleets(telemetry: Path) -> None:
    def look(shard: LabelledShard) -> int:
        there = shard.frame[shard.rows["row"]]
        assert there.equals(shard.rows.select(there.columns))
        assert shard.days.len() == 60 + 91
        return shard.rows.height

    assert sum(map_labelled([telemetry], look, shards=4, progress=False)) > 0


def test_negatives_sampled_by_shard_are_those_sampled_from_the_whole(telemetry: Path) -> None:
    def sample(shard: LabelledShard) -> pl.DataFrame:
        return sample_negatives(shard.rows.drop("row"), rate=0.3, seed=5)

    expected = sample_negatives(
        label_drive_days(read_telemetry([telemetry], progress=False)), rate=0.3, seed=5
    )
    parts = map_labelled([telemetry], sample, shards=5, progress=False)
    assert pl.concat(parts).sort("serial_number", "date").equals(expected)


def test_another_horizon_is_passed_on(telemetry: Path) -> None:
    parts = map_labelled([telemetry], lambda shard: shard.rows, horizon_days=7, shards=2, progress=False)
    rows = pl.concat(parts)
    assert rows.filter(pl.col("label") == 1)["days_to_failure"].max() == 7
    assert rows["date"].max() == day(290 - 7)
