from __future__ import annotations

import datetime as dt
import errno
from pathlib import Path

import polars as pl
import pytest

from training.errors import TelemetrySourceError
from training.telemetry.spill import Codes, Spill


def rows(serials: list[str], value: int = 0) -> pl.DataFrame:
    number = len(serials)
    return pl.DataFrame(
        {
            "date": [dt.date(2025, 1, 1)] * number,
            "serial_number": serials,
            "model": [f"M{serial[0]}" for serial in serials],
            "capacity_bytes": [None] * number,
            "failure": [0] * number,
            "smart_5_raw": [value] * number,
        },
        schema={
            "date": pl.Date,
            "serial_number": pl.String,
            "model": pl.String,
            "capacity_bytes": pl.Int64,
            "failure": pl.Int8,
            "smart_5_raw": pl.Int64,
        },
    )


def test_codes_count_names_in_order_of_first_appearance() -> None:
    codes = Codes()
    assert codes.encode(pl.Series(["b", "a", "b"])).to_list() == [0, 1, 0]
    again = codes.encode(pl.Series(["c", "a"]))
    assert again.to_list() == [2, 1]
    assert codes.decode(again).to_list() == ["c", "a"]


def test_a_drive_is_in_one_shard_with_its_rows_in_the_order_added(tmp_path: Path) -> None:
    with Spill(tmp_path, 3, [5]) as spill:
        spill.add(rows(["A", "B", "C", "D", "E"], 1))
        spill.add(rows(["E", "D", "F", "A"], 2))
    shards = [spill.read(number) for number in range(3)]
    assert [sorted(set(shard["serial_number"])) for shard in shards] == [["A", "D"], ["B", "E"], ["C", "F"]]
    assert shards[0].select("serial_number", "model", "smart_5_raw").rows() == [
        ("A", "MA", 1),
        ("D", "MD", 1),
        ("D", "MD", 2),
        ("A", "MA", 2),
    ]
    assert shards[0].schema == rows(["A"]).schema


def test_a_shard_without_rows_is_an_empty_table_of_the_same_types(tmp_path: Path) -> None:
    with Spill(tmp_path, 2, [5]) as spill:
        spill.add(rows(["A"]))
        spill.add(rows([]))
    assert spill.read(1).is_empty()
    assert spill.read(1).schema == spill.read(0).schema


def test_a_full_disk_says_where_and_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Spill, shard: int, part: pl.DataFrame) -> None:
        raise OSError(
            errno.ENOSPC, "No space left on device"
        )  # stands for a disk, which a test must not fill

    monkeypatch.setattr(Spill, "_write", full)
    with Spill(tmp_path, 1, [5]) as spill, pytest.raises(TelemetrySourceError, match="TMPDIR"):
        spill.add(rows(["A"]))
