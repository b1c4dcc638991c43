"""What a range hands to the one that completes the file."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from functions.scoring import range_rows
from functions.scoring.csv.parser import Rows
from functions.scoring.range_rows import RangeRowsWriter, read_range_rows
from functions.scoring.snapshot import SNAPSHOT_ATTRIBUTES, snapshot_rows

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
    monkeypatch.setattr(range_rows, "BATCH_ROWS", 3)
    writer = RangeRowsWriter()
    counters = np.arange(3 * WIDTH, dtype=np.float64).reshape(3, WIDTH)
    counters[1, 0], counters[2, -1] = np.nan, 2.0**48 - 1
    kept = snapshot_rows(rows(2, 3).serials, counters)
    writer.add(rows(2, 3), kept)
    writer.add(rows(5, 0), snapshot_rows(rows(5, 0).serials, np.zeros((0, WIDTH))))
    writer.add(rows(5, 1), snapshot_rows(rows(5, 1).serials, np.ones((1, WIDTH))))
    first, second = read_range_rows(writer.finish())
    assert first.kept.equals(kept)
    assert first.kept.column(1).to_pylist()[1] is None
    assert first.lines.tolist() == [2, 3, 4]
    assert first.dates.dtype == np.dtype("datetime64[D]")
    assert first.dates.astype(str).tolist() == ["2014-01-25"] * 3
    assert first.serials.to_pylist() == ["Ä2", "Ä3", "Ä4"]
    assert second.lines.tolist() == [5]


def test_a_range_without_rows() -> None:
    assert list(read_range_rows(RangeRowsWriter().finish())) == []
