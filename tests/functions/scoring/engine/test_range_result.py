"""What a range hands to the one that completes the file."""

from __future__ import annotations

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from functions.scoring.csv.parser import Rows
from functions.scoring.engine import range_result
from functions.scoring.engine.range_result import RangePart, RangeRowsWriter, read_range_rows, tally_of_file
from functions.scoring.history.snapshots import SNAPSHOT_ATTRIBUTES, snapshot_rows
from functions.scoring.report.tally import Tally
from functions.scoring.report.top_drives import WorstDrive

WIDTH = len(SNAPSHOT_ATTRIBUTES)


def rows(first: int, count: int) -> Rows:
    return Rows(
        np.arange(first, first + count),
        np.full(count, np.datetime64("2014-01-25")),
        pa.array([f"Ä{line}" for line in range(first, first + count)], type=pa.string()),
        pa.array(["ST4000DM000"] * count, type=pa.string()),
        np.zeros((count, WIDTH)),
    )


def test_rows_come_back_as_they_went(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first block is enough for a batch, the others wait for more."""
    monkeypatch.setattr(range_result, "BATCH_ROWS", 3)
    writer = RangeRowsWriter()
    counters = np.arange(3 * WIDTH, dtype=np.float64).reshape(3, WIDTH)
    counters[1, 0], counters[2, -1] = np.nan, 2.0**48 - 1
    kept = snapshot_rows(rows(2, 3).serials, rows(2, 3).model_hashes, counters)
    writer.add(rows(2, 3), kept)
    writer.add(rows(5, 0), snapshot_rows(rows(5, 0).serials, rows(5, 0).model_hashes, np.zeros((0, WIDTH))))
    writer.add(rows(5, 1), snapshot_rows(rows(5, 1).serials, rows(5, 1).model_hashes, np.ones((1, WIDTH))))
    first, second = read_range_rows(writer.finish())
    assert first.kept.equals(kept)
    assert first.kept.column(2).to_pylist()[1] is None
    assert first.lines.tolist() == [2, 3, 4]
    assert first.dates.dtype == np.dtype("datetime64[D]")
    assert first.dates.astype(str).tolist() == ["2014-01-25"] * 3
    assert first.serials.to_pylist() == ["Ä2", "Ä3", "Ä4"]
    assert first.model_hashes.tolist() == rows(2, 3).model_hashes.tolist()
    assert second.lines.tolist() == [5]


def test_a_range_without_rows() -> None:
    assert list(read_range_rows(RangeRowsWriter().finish())) == []


def drive(line: int, probability: float) -> WorstDrive:
    return WorstDrive(probability, -line, line, f"S{line}", "ST4000DM000", "high", "trained")


def part(index: int, lines: int, worst: list[WorstDrive]) -> RangePart:
    tally = Tally(lines=lines, accepted=lines, risk={"low": lines} if lines else {}, worst=worst)
    return RangePart(index, 0, tally, [], [], [])


def test_counts_add_up_and_the_worst_stay_the_worst() -> None:
    parts = [
        part(0, 3, [drive(3, 0.5), drive(2, 0.1)]),
        part(1, 0, []),
        part(2, 2, [drive(5, 0.5), drive(6, 0.2)]),
    ]
    whole = tally_of_file(parts)
    assert [(one.line, one.probability) for one in whole.worst] == [(3, 0.5), (5, 0.5), (6, 0.2), (2, 0.1)]
    assert (whole.lines, whole.accepted, whole.risk) == (5, 5, {"low": 5})
    whole.check()


def test_a_part_survives_json() -> None:
    found = part(3, 2, [drive(2, 0.1 + 0.2)])
    assert msgspec.json.decode(msgspec.json.encode(found), type=RangePart) == found
