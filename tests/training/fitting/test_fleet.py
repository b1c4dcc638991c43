from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from tests.training.made_fleet import START, telemetry
from training.errors import TrainingError
from training.fitting.fleet import load
from training.options import WeightedPath


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("fleets")
    main, other = folder / "main.parquet", folder / "other.parquet"
    telemetry(120, 170).write_parquet(main)
    # Half of the other fleet's drives are of the main fleet, too.
    telemetry(120, 150, seed=1).with_columns(
        pl.lit("Hitachi HDS5C3030ALA630").alias("model"),
        pl.col("serial_number").str.replace("D00", "E00"),
    ).write_parquet(other)
    return main, other


def test_another_fleet_is_trained_on_up_to_where_the_main_fleets_training_may_look(
    paths: tuple[Path, Path],
) -> None:
    fleet = load([paths[0]], seed=0, horizon_days=30, extra=[WeightedPath(paths[1], 0.1)])
    (extra,) = fleet.extra
    known = extra.trainable(fleet.known_before)
    validation = fleet.part("validation")["date"].min()
    assert isinstance(validation, dt.date)
    assert known["date"].max() == validation - dt.timedelta(days=31)
    assert known["date"].min() == START
    assert (extra.name, extra.weight) == ("other.parquet", 0.1)
    assert extra.trainable().height > known.height


def test_drives_held_out_are_held_out_of_the_other_fleet_and_its_drives_count_as_seen(
    paths: tuple[Path, Path],
) -> None:
    alone = load([paths[0]], seed=0, horizon_days=30)
    fleet = load([paths[0]], seed=0, horizon_days=30, extra=[WeightedPath(paths[1], 0.1)])
    apart = fleet.labelled.filter("held_out")["serial_number"].cast(pl.String).unique()
    assert len(apart) > 5
    known = fleet.extra[0].trainable(fleet.known_before)
    assert not known["serial_number"].cast(pl.String).is_in(apart.implode()).any()
    assert not fleet.labelled.filter("held_out")["drive_seen"].any()
    columns = ["serial_number", "date", "split", "held_out", "drive_seen"]
    assert fleet.labelled.select(columns).equals(alone.labelled.select(columns))


def test_another_fleet_of_later_days_is_refused_in_a_sentence(
    tmp_path: Path, paths: tuple[Path, Path]
) -> None:
    late = telemetry(20, 100).with_columns(pl.col("date") + pl.duration(days=400))
    late.write_parquet(tmp_path / "late.parquet")
    with pytest.raises(TrainingError, match=r"late\.parquet"):
        load([paths[0]], seed=0, horizon_days=30, extra=[WeightedPath(tmp_path / "late.parquet", 0.1)])
