"""Input that is not as it should be, in ranges, through the running app; the table of all of it is
tests/functions/scoring/engine/test_bad_inputs.py."""

from __future__ import annotations

import pytest

from tests.functions.batch.conftest import RANGE_BYTES, RunRanges
from tests.functions.conftest import Fleet
from tests.support.drives import HEADER, row, table
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
            told = undisturbed.expect(fleet, name, data, etags[name], seconds=120)
            lines = told["lines"]
            assert lines["accepted"] == len(ROWS) + 2 * (name == "numbers")
            assert lines["accepted"] + lines["rejected"] == lines["data"] == data.count(b"\n") - 1
            assert told["rejects"] == REJECTS[name]
            app.wait_for(rf"{fleet.folder}/{name}\.csv: .*ranges to score")


@pytest.mark.slow
def test_small_and_huge_by_devhost(run_ranges: RunRanges, fleet: Fleet, undisturbed: Undisturbed) -> None:
    """A row of 50 MB over three ranges; the others in one piece."""
    wide = ",".join([HEADER, *(f"c{number}" for number in range(1_900))])
    files = {
        "header-only": (table([]), 0, {}),
        "header-alone": (HEADER.encode(), 0, {}),
        "one-row": (table(ROWS[:1])[:-1], 1, {}),
        "huge-row": (
            table(ROWS[:1]) + b"x" * 50_000_000 + b"\n" + table(ROWS[1:2]).split(b"\n", 1)[1],
            2,
            {"line_too_long": 1},
        ),
        "wide": (
            "".join(f"{line}\n" for line in [wide, ROWS[0] + "," * 1_900, ROWS[1]]).encode(),
            1,
            {"wrong_column_count": 1},
        ),
    }
    with run_ranges(range_bytes=20_000_000) as app:
        etags = {name: fleet.drop(f"{name}.csv", data) for name, (data, *_) in files.items()}
        for name, (data, accepted, rejects) in files.items():
            told = undisturbed.expect(fleet, name, data, etags[name], seconds=120)
            assert (told["lines"]["accepted"], told["rejects"]) == (accepted, rejects)
            assert told["lines"]["data"] == accepted + sum(rejects.values())
        app.wait_for(rf"{fleet.folder}/huge-row\.csv: 3 ranges to score")


@pytest.mark.slow
def test_what_fails_as_a_whole_by_devhost(run_ranges: RunRanges, fleet: Fleet) -> None:
    files = {
        "utf16": (table(ROWS).decode().encode("utf-16"), "looks like UTF-16"),
        "old-mac": (table(ROWS).replace(b"\n", b"\r"), "carriage returns alone"),
        "empty": (b"", "The file is empty"),
        "wide": (table(ROWS).replace(b"\n", b"," * 10_000 + b"\n", 1), "The header has 10,011 columns"),
        "column-twice": (
            table([f"{each},1" for each in ROWS]).replace(b"\n", b",smart_5_raw\n", 1),
            "smart_5_raw more than once",
        ),
    }
    with run_ranges():
        etags = {name: fleet.drop(f"{name}.csv", data) for name, (data, _) in files.items()}
        for name, (_, said) in files.items():
            told = fleet.summary(name, etags[name], 60)
            assert told["status"] == "failed"
            assert said in told["error"]["detail"]
            assert f"{name}.csv" not in fleet.outputs()
