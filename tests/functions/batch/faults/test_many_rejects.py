"""More rejects than are listed, in ranges, through the running app; the properties are in
tests/functions/scoring/engine/test_file_limits.py."""

from __future__ import annotations

import pytest

from functions.scoring.csv.rejects import MOST_LISTED
from tests.functions.batch.conftest import RunRanges
from tests.functions.conftest import Fleet
from tests.support.drives import read_csv, row, table
from tests.support.undisturbed import Undisturbed

ROWS = [row(f"S{number}") for number in range(MOST_LISTED + 2_000)]


@pytest.mark.slow
def test_the_list_ends_as_in_one_piece(run_ranges: RunRanges, fleet: Fleet, undisturbed: Undisturbed) -> None:
    """It ends within a range, and drives of an earlier one are repeated."""
    lines = [line for index, each in enumerate(ROWS) for line in ([each, ""] if index % 50 else [each])]
    data = table([*lines, *ROWS[:500]])
    with run_ranges(workers=2, range_bytes=len(data) // 4 + 1) as app:
        undisturbed.expect(fleet, "big", data, fleet.drop("big.csv", data), seconds=120)
        app.wait_for("ranges are scored again|ranges again")
    listed = read_csv(fleet.output("big.rejects.csv"))
    assert [each["line"] for each in listed[MOST_LISTED:]] == [""]


def test_a_file_of_line_feeds_fails_in_its_first_range(run_ranges: RunRanges, fleet: Fleet) -> None:
    data = table(ROWS[:2_000]) + b"\n" * 400_000
    with run_ranges(range_bytes=200_000):
        told = fleet.summary("big", fleet.drop("big.csv", data))
    assert told["lines"] == {"data": 0, "accepted": 0, "rejected": 0}
    assert "2002 (empty_line)" in told["error"]["detail"]
