from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from training.simulation.day_csv import day_table, write_day
from training.simulation.drive_models import DRIVE_MODELS
from training.simulation.fleet import SimulatedDrives, blocks
from training.simulation.schema import ATTRIBUTES, COLUMNS

JUNE_1 = dt.date(2025, 6, 1)


@pytest.fixture(scope="module")
def drives() -> SimulatedDrives:
    (block,) = blocks(3000, 1, 0.014)
    return block


def test_a_model_reports_its_own_attributes_and_no_other(drives: SimulatedDrives) -> None:
    table = day_table(drives, JUNE_1, 0, 1)
    assert tuple(table.columns) == COLUMNS
    assert table.height == 3000
    for model in DRIVE_MODELS:
        mine = table.filter(pl.col("model") == model.name)
        for attribute in ATTRIBUTES:
            filled = mine[f"smart_{attribute}_raw"].count()
            assert filled == (mine.height if attribute in model.attributes else 0), (model.name, attribute)
            assert mine[f"smart_{attribute}_normalized"].count() == filled
        assert set(mine["capacity_bytes"]) <= {model.capacity_bytes}


def test_the_file_says_what_the_table_says(drives: SimulatedDrives, tmp_path: Path) -> None:
    path = tmp_path / "2025-06-01.csv"
    count = write_day(path, JUNE_1, 0, [drives], 1)
    read = pl.read_csv(path, infer_schema_length=None)
    table = day_table(drives, JUNE_1, 0, 1)
    assert (count.rows, count.failures) == (3000, table["failure"].sum())
    shared = [
        "date",
        "serial_number",
        "model",
        "failure",
        "datacenter",
        "smart_5_raw",
        "smart_7_raw",
        "smart_242_raw",
    ]
    assert read.select(shared).equals(table.select(shared))


def test_a_run_cut_short_leaves_no_half_file(drives: SimulatedDrives, tmp_path: Path) -> None:
    def interrupted() -> Iterator[SimulatedDrives]:
        yield drives
        raise KeyboardInterrupt

    path = tmp_path / "2025-06-01.csv"
    path.write_text("as before")
    with pytest.raises(KeyboardInterrupt):
        write_day(path, JUNE_1, 0, interrupted(), 1)
    assert path.read_text() == "as before"
    assert list(tmp_path.iterdir()) == [path]
