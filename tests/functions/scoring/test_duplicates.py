"""Drives that are in a file more than once on a date."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring import duplicates
from functions.scoring.csv_engine import CsvEngine
from functions.scoring.csv_parse import Rows
from functions.scoring.duplicates import DriveDays, drive_day_hashes, superseded_lines
from functions.scoring.snapshot_folder import FolderSnapshotStore
from functions.scoring.snapshot_lookup import read_snapshots
from tests.support.drives import row, score, table

DRIVES = st.lists(
    st.tuples(st.sampled_from(["A", "B", "C", "ÄÖ", "LONGSERIALNUMBER01"]), st.integers(0, 2)), max_size=20
)


def rows_of(drive_days: list[tuple[str, int]], first_line: int = 2) -> Rows:
    count = len(drive_days)
    return Rows(
        np.arange(first_line, first_line + count),
        np.array(
            [np.datetime64("2014-01-25") + np.timedelta64(day, "D") for _, day in drive_days],
            dtype="datetime64[D]",
        ),
        pa.array([serial for serial, _ in drive_days], type=pa.string()),
        pa.array(["ST4000DM000"] * count),
        np.zeros((count, 1)),
    )


@given(DRIVES, st.integers(0, 20))
def test_the_last_line_of_a_drive_and_date_counts(drive_days: list[tuple[str, int]], held: int) -> None:
    found = DriveDays(held)
    found.add(rows_of(drive_days[:7]))
    found.add(rows_of(drive_days[7:], first_line=9))
    superseded = superseded_lines(
        [rows_of(drive_days[:7]), rows_of(drive_days[7:], first_line=9)], found.suspects()
    )
    last = {drive_day: line for line, drive_day in enumerate(drive_days, start=2)}
    assert superseded == {
        line: last[drive_day] for line, drive_day in enumerate(drive_days, start=2) if last[drive_day] != line
    }


def test_among_many_drives_those_that_are_there_again_are_found_and_no_others() -> None:
    drive_days = [(f"ZCH{drive:06d}", drive % 2) for drive in range(20_000)]
    found = DriveDays()
    for start in range(0, len(drive_days), 3_000):
        found.add(rows_of(drive_days[start : start + 3_000]))
    assert not len(found.suspects())
    again = rows_of([*drive_days[::4], ("ZCH000000", 1)])
    found.add(again)
    assert found.suspects().tolist() == sorted(drive_day_hashes(again)[:-1].tolist())


def test_two_drives_with_one_hash_are_two_drives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "serial_hashes", lambda keys: np.zeros(len(keys), dtype=np.uint64))
    rows = rows_of([("A", 0), ("B", 0)])
    found = DriveDays()
    found.add(rows)
    suspects = found.suspects()
    assert len(suspects) == 1
    assert superseded_lines([rows], suspects) == {}


def test_earlier_lines_become_rejects_that_name_the_line_that_counts(engine: CsvEngine) -> None:
    found = score(
        engine,
        table([row(smart_5_raw=1), row("OTHER"), row(smart_5_raw=2), row(smart_5_raw=3)]),
    )
    assert [line["line"] for line in found.rows()] == ["3", "5"]
    rejected = found.rejected()
    assert [(line["line"], line["code"]) for line in rejected] == [
        ("2", "repeated_drive"),
        ("4", "repeated_drive"),
    ]
    assert rejected[0]["reason"] == (
        "Z300AAAA is there again for 2014-01-25 on line 5; the last line of a drive and date counts"
    )
    assert found.summary["lines"] == {"data": 4, "accepted": 2, "rejected": 2}


def test_the_same_drive_on_two_dates_is_no_repetition(engine: CsvEngine) -> None:
    found = score(engine, table([row(date="2014-01-25"), row(date="2014-01-26")]))
    assert found.summary["lines"] == {"data": 2, "accepted": 2, "rejected": 0}


def test_history_keeps_the_row_that_counts(engine: CsvEngine, tmp_path: Path) -> None:
    store = FolderSnapshotStore(tmp_path)
    score(engine, table([row(smart_5_raw=1), row(smart_5_raw=3), row("B")]), store=store)
    day = dt.date(2014, 1, 25)
    (name,) = store.names(day)
    content = store.load(day, name)
    assert content is not None
    snapshot = read_snapshots([content], [5], "")
    assert snapshot is not None
    assert snapshot.find(np.array([b"Z300AAAA"])).tolist() == [[3.0]]
    assert len(snapshot.serials) == 2
