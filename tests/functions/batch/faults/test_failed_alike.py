"""A file that cannot be scored as a whole: its summary is the same, scored in one piece or in ranges."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from functions.settings import settings
from functions.storage import staged_writer
from tests.functions.batch.app_here import AppHere
from tests.functions.conftest import Fleet
from tests.support.drives import row, table

ROWS = [row(f"S{number}", "2032-01-25") for number in range(1_200)]
FILES = {
    "too many rejects": table([*ROWS[:200], *["oops"] * 6_000]),
    "too many dates": table([row("S1", str(dt.date(2000, 1, 1) + dt.timedelta(day))) for day in range(500)]),
    "no telemetry": b"a,b,c\n" + b"1,2,3\n" * 6_000,
}


def refused(app_here: AppHere, fleet: Fleet, data: bytes) -> dict[str, Any]:
    """Have a file scored; return its summary but for the ETag."""
    etag = fleet.drop("day.csv", data)
    app_here.ranges(app_here.arrive("day.csv").tasks)
    reported = fleet.summary("day", etag, 0, status="failed")
    assert fleet.outputs() == ["day.summary.json"]
    del reported["source"]["etag"]
    return reported


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_in_ranges_and_in_one_piece(
    app_here: AppHere, fleet: Fleet, monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    in_ranges = refused(app_here, fleet, data)
    assert app_here.messages[0].endswith("ranges to score")
    monkeypatch.setenv("RANGE_BYTES", str(10**8))
    settings.cache_clear()
    assert refused(app_here, fleet, data) == in_ranges


def test_an_output_of_too_many_blocks_says_how_many_lines_there_were(
    app_here: AppHere, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staged_writer, "MAX_BLOCKS", 2)
    reported = refused(app_here, fleet, table([*ROWS, "oops"]))
    assert reported["error"]["code"] == "output_too_large"
    assert reported["lines"] == {"data": 1_201, "accepted": 0, "rejected": 1_201}
