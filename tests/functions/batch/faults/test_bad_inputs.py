"""Input that is not as it should be, in ranges, through the running app; the table of all of it is
tests/functions/scoring/engine/test_bad_inputs.py."""

from __future__ import annotations

import pytest

from tests.functions.batch.conftest import RANGE_BYTES, RunRanges
from tests.functions.conftest import Fleet
from tests.support.drives import row, table
from tests.support.undisturbed import Undisturbed

DAY = "2025-01-25"
ROWS = [row(f"S{number}", DAY) for number in range(600)]


def between(line: bytes) -> bytes:
    """Put something in the middle of a file of several ranges."""
    half = len(ROWS) // 2
    return table(ROWS[:half]) + line + table(ROWS[half:]).split(b"\n", 1)[1]


def across_two_ranges(first: str, second: str) -> bytes:
    """Put two lines into a file, the first of which begins in one range and the second in the next."""
    before = next(n for n in range(600) if len(table(ROWS[: n + 1])) >= RANGE_BYTES - 100)
    assert len(table(ROWS[:before])) < RANGE_BYTES <= len(table([*ROWS[:before], first]))
    return table([*ROWS[:before], first, second, *ROWS[before:]])


NUMBERS = ["1e400", "-1", "9223372036854775808", "inf", "1,000", '"1,000"', "0x1F", "12.5", "NaN", "1e3"]
"""The last two are right."""

FILES = {
    "numbers": between(
        table([row(f"N{n}", DAY, smart_5_raw=text) for n, text in enumerate(NUMBERS)]).split(b"\n", 1)[1]
    ),
    "windows": b"\xef\xbb\xbf" + between(b"").replace(b"\n", b"\r\n"),
    "nul": between(b"\0" * 5_000 + b"\n"),
    "latin1": between(row("L", DAY, model="Größe").encode("latin-1") + b"\n"),
    "quoted": between(row("Q", DAY, model='"two\nlines"').encode() + b"\n"),
    "quoted-across": across_two_ranges(f'{DAY},Q,"{"x" * 150}', row("Q", DAY, model='ST"')),
    "long": between(b"x" * 1_100_000 + b"\n"),
}
REJECTS = {
    "numbers": {"bad_value": 7, "wrong_column_count": 1},
    "windows": {},
    "nul": {"wrong_column_count": 1},
    "latin1": {"not_utf8": 1},
    "quoted": {"bad_quotes": 2},
    "quoted-across": {"bad_quotes": 2},
    "long": {"line_too_long": 1},
}


@pytest.mark.slow
def test_by_devhost(run_ranges: RunRanges, fleet: Fleet, undisturbed: Undisturbed) -> None:
    with run_ranges(workers=2) as app:
        etags = {name: fleet.drop(f"{name}.csv", data) for name, data in FILES.items()}
        for name, data in FILES.items():
            reported = undisturbed.expect(fleet, name, data, etags[name], seconds=120)
            lines = reported["lines"]
            assert lines["accepted"] == len(ROWS) + 2 * (name == "numbers")
            assert lines["accepted"] + lines["rejected"] == lines["data"] == data.count(b"\n") - 1
            assert reported["rejects"] == REJECTS[name]
            app.wait_for(rf"{fleet.folder}/{name}\.csv: .*ranges to score")
