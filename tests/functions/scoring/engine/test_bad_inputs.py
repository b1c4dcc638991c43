"""What happens to input that is not as it should be: one table, in one piece and in ranges.

Every line of a file is accounted for: it is scored, or it is rejected with a reason. What makes the whole
file unusable is said once, and nothing is scored.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from functions.errors import TelemetryFileError
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.model.scorer import Scorer
from tests.support.drives import HEADER, row, score, table
from tests.support.in_ranges import score_in_ranges

A, B = row("A"), row("B")


class Told(NamedTuple):
    """What is said of a file: lines scored, and of each reject its code and what its reason names."""

    accepted: int
    rejects: tuple[tuple[str, ...], ...] = ()


def value(text: str) -> bytes:
    """Make a file with a raw value, and a sound line behind it."""
    return table([row("A", smart_5_raw=text), B])


def lines(*texts: str) -> bytes:
    """Make a file of lines, the header among them."""
    return "".join(f"{text}\n" for text in texts).encode()


OPEN_QUOTE = ("bad_quotes",)
LONE_QUOTE = ("bad_quotes",)
LARGEST = str(2**48 - 1)

SCORED: dict[str, tuple[bytes, Told]] = {
    "header only": (table([]), Told(0)),
    "header only, no line feed": (HEADER.encode(), Told(0)),
    "no line feed at the end": (table([A, B])[:-1], Told(2)),
    "byte order mark": (b"\xef\xbb\xbf" + table([A, B]), Told(2)),
    "CRLF": (table([A, B]).replace(b"\n", b"\r\n"), Told(2)),
    "blank line": (table([A, "", B]), Told(2, (("empty_line",),))),
    "a row of 50 MB": (
        table([A]) + b"x" * 50_000_000 + b"\n" + table([B])[len(HEADER) + 1 :],
        Told(2, (("line_too_long", "1 MiB"),)),
    ),
    "1,911 columns": (
        lines(",".join([HEADER, *(f"c{n}" for n in range(1_900))]), A + "," * 1_900, B),
        Told(1, (("wrong_column_count", " 11 ", " 1911"),)),
    ),
    "NUL in a text": (
        table([row("A", model="ST\0X"), B]),
        Told(1, (("bad_model", "model", r"'ST\x00X'", " 128 "),)),
    ),
    "NUL in a value": (value("1\0"), Told(1, (("bad_value", "smart_5_raw", r"'1\x00'"),))),
    "a line of NULs": (
        table([A, "\0" * 40, B]),
        Told(2, (("wrong_column_count", " 1 ", " 11"),)),
    ),
    "Latin-1": (
        table([row("A", model="Größe"), B]).decode().encode("latin-1"),
        Told(1, (("not_utf8", " 16 ", "0xf6"),)),
    ),
    "a column that does not matter twice": (lines(f"{HEADER},x,x", f"{A},1,2"), Told(1)),
    "NaN": (value("NaN"), Told(2)),
    "1e3": (value("1e3"), Told(2)),
    "thousands separators": (
        value("1,000"),
        Told(1, (("wrong_column_count", " 12 ", " 11"),)),
    ),
    **{
        text: (value(text), Told(1, (("bad_value", "smart_5_raw", shown, LARGEST),)))
        for text, shown in {
            "1e400": "'1e400'",
            "-1": "'-1'",
            "18446744073709551616": "'18446744073709551616'",
            "9007199254740993.5": "'9007199254740993.5'",
            "inf": "'inf'",
            '"1,000"': "'1,000'",
            "1 000": "'1 000'",
            "1'000": '"1\'000"',
            "0x1F": "'0x1F'",
            "12.5": "'12.5'",
        }.items()
    },
    "a quoted line break": (
        table([row("A", model='"two\nlines"'), B]),
        Told(1, (OPEN_QUOTE, LONE_QUOTE)),
    ),
    "a whole row inside quotes is one by itself": (
        table([row("A", model=f'"ST\n{B}\n"'), row("C")]),
        Told(2, (OPEN_QUOTE, OPEN_QUOTE)),
    ),
    "half a record that looks like a whole row": (
        table([f'2014-01-25,A,"ST\n{row("B", model='ST"')}', row("C")]),
        Told(1, (OPEN_QUOTE, LONE_QUOTE)),
    ),
    "quoted line breaks by Windows": (
        table([row("A", model='"two\nlines"'), B]).replace(b"\n", b"\r\n"),
        Told(1, (OPEN_QUOTE, LONE_QUOTE)),
    ),
    "a long field in quotes beside doubled quotes": (
        lines(f"{HEADER},note", f'{A},"{"x" * 140_000}"', f'{B},"n""n"'),
        Told(2),
    ),
    "a header that ends in quotes behind a byte order mark": (
        lines(f'\ufeff"x,""",{HEADER}', f"a,{A}", f'z",{row("C")[:-2]}'),
        Told(1, (LONE_QUOTE,)),
    ),
    "a stray quote": (
        table([row("A", model='"ST'), B, row("C")]),
        Told(2, (("bad_quotes",),)),
    ),
    "two stray quotes with sound lines between them": (
        table([row("A", model='"ST'), B, row("C", date='2014-01-25"')]),
        Told(
            1,
            (
                OPEN_QUOTE,
                LONE_QUOTE,
            ),
        ),
    ),
}

FAILED: dict[str, tuple[bytes, str | None]] = {
    "empty": (b"", None),
    "UTF-16": (table([A]).decode().encode("utf-16"), "UTF-16"),
    "UTF-16 without a mark": (table([A]).decode().encode("utf-16-le"), "UTF-16"),
    "carriage returns alone": (table([A, B]).replace(b"\n", b"\r"), None),
    "a column twice": (lines(f"{HEADER},smart_5_raw", f"{A},1"), "smart_5_raw"),
    "10,011 columns": (lines(HEADER + "," * 10_000, A + "," * 10_000), r"\b10,011\b"),
    "a line break in the header": (lines('"date\n"' + HEADER[4:], A), None),
    "no header": (lines(A, B), "date, serial_number"),
}


@pytest.mark.parametrize("case", SCORED)
def test_every_line_is_scored_or_rejected_with_a_reason(engine: CsvEngine, case: str) -> None:
    data, told = SCORED[case]
    ours = score(engine, data)
    assert ours.summary["lines"]["accepted"] == told.accepted
    found = ours.rejected()
    assert [reject["code"] for reject in found] == [code for code, *_ in told.rejects]
    for reject, (_, *named) in zip(found, told.rejects, strict=True):
        assert [value for value in named if value not in reject["reason"]] == []
    # Counted apart from the engine: a line feed, or the end of the file, ends a line.
    physical = data.count(b"\n") + (not data.endswith(b"\n")) - 1
    counts = ours.summary["lines"]
    assert counts["accepted"] + counts["rejected"] == counts["data"] == physical


@pytest.mark.parametrize("case", SCORED)
@pytest.mark.parametrize("count", [2, 5, 19])
def test_ranges_make_no_difference(scorer: Scorer, engine: CsvEngine, case: str, count: int) -> None:
    data, _ = SCORED[case]
    whole = score(engine, data)
    ranges = score_in_ranges(scorer, data, max(1, len(data) // count))
    assert (ranges.scored, ranges.rejects) == (whole.scored, whole.rejects)
    assert ranges.summary == whole.summary


@pytest.mark.parametrize("case", FAILED)
def test_what_fails_as_a_whole_is_said(scorer: Scorer, engine: CsvEngine, case: str) -> None:
    data, named = FAILED[case]
    with pytest.raises(TelemetryFileError, match=named):
        score(engine, data)
    with pytest.raises(TelemetryFileError, match=named):
        score_in_ranges(scorer, data, max(1, len(data) // 3))
