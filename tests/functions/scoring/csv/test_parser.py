"""One block to columns: what is accepted, what is said of the rest, and that neighbours do not matter."""

import datetime as dt
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.scoring.csv.blocks import Block
from functions.scoring.csv.header import read_header
from functions.scoring.csv.parser import BlockParser, Rows
from functions.scoring.csv.rejects import REJECT_CODES, Reject

HEADER = b"date,serial_number,model,smart_5_raw,x,smart_187_raw\n"
PARSER = BlockParser(read_header(HEADER, (5, 9, 187), (5,)), (5, 9, 187))
OPTIONAL = BlockParser(read_header(HEADER, (5, 9, 187), (5,)), (5,), (9, 187))
GOOD = ["2014-01-25", "Z1", "ST4000DM000", "8", "", "3"]
CELLS = [
    "",
    " ",
    "5",
    "5.0",
    " 5 ",
    "+5",
    "-5",
    "-0",
    ".5",
    "5.",
    "1e3",
    "1e400",
    "1e-400",
    "5.5",
    "nan",
    "NaN",
    "NAN",
    "-nan",
    " nan ",
    "inf",
    "-inf",
    "None",
    "N/A",
    "0x10",
    "1_000",
    '"1,000"',
    '"5"',
    '"a ""b"""',
    "1e99999999999",
    "281474976710655",
    "281474976710656",
    "281474976710655",
    "9007199254740993",
    "18446744073709551615",
    "18446744073709551616",
    "2014-01-25",
    " 2014-02-29",
    "2014-02-30",
    "2014-1-5",
    "2014-01-25 ",
    "2014-01-25T00:00:00",
    "2014-W04-6",
    "0001-01-01",
    "9999-12-31",
    "99999-01-01",
    "1999-12-31",
    "x" * 65,
    "x" * 129,
    "a b",
    "é",
    "a\tb",
    "\0",
    "\x7f",
    "\u2028",
    "\u00a0",
    "\u200b",
    "\ud7ff",
    "\U0001f4be",
    "\u3000x",
    "true",
    "\u0663",
    "\uff11",
    "\ue000",
    "\ufeff",
    "\u0378",
]
LINES = st.lists(
    st.tuples(st.dictionaries(st.integers(0, 5), st.sampled_from(CELLS), max_size=2), st.integers(4, 7)),
    max_size=6,
)


def line_of(changes: dict[int, str], width: int) -> str:
    cells = [changes.get(number, good) for number, good in enumerate(GOOD)]
    return ",".join([*cells, "more"][:width] if width != 4 else cells)


def parse(*lines: str) -> tuple[Rows, list[Reject]]:
    return PARSER.parse(Block(2, "".join(f"{line}\n" for line in lines).encode()))


def outcome(rows: Rows, rejects: list[Reject]) -> dict[int, object]:
    """What became of each line."""
    return {
        **{
            int(line): (str(day), serial, model, repr(raw.tolist()))
            for line, day, serial, model, raw in zip(
                rows.lines,
                rows.dates,
                rows.serials.to_pylist(),
                rows.models.to_pylist(),
                rows.raw,
                strict=True,
            )
        },
        **{reject.line: reject for reject in rejects},
    }


def fault(number: int, cell: str) -> tuple[str, str]:
    rows, (reject,) = parse(line_of({number: cell}, 6))
    assert not len(rows.lines)
    return reject.code, reject.reason


@settings(max_examples=300)
@given(st.sampled_from([PARSER, OPTIONAL]), LINES)
def test_a_line_is_judged_the_same_whatever_its_neighbours(
    parser: BlockParser, lines: list[tuple[dict[int, str], int]]
) -> None:
    texts = [line_of(*line) for line in lines]
    together = outcome(*parser.parse(Block(2, "".join(f"{text}\n" for text in texts).encode())))
    assert sorted(together) == list(range(2, 2 + len(texts)))
    for number, text in enumerate(texts):
        rows, rejects = parser.parse(Block(2 + number, f"{text}\n".encode()))
        assert outcome(rows, rejects) == {2 + number: together[2 + number]}


def test_a_block() -> None:
    rows, rejects = parse("2014-01-25, Z1 ,ST4000DM000,8,,", '2014-01-26,Z2,"WDC, Inc ""WD""",,y,3.0')
    assert not rejects
    assert rows.lines.tolist() == [2, 3]
    assert rows.dates.tolist() == [dt.date(2014, 1, 25), dt.date(2014, 1, 26)]
    assert rows.serials.to_pylist() == ["Z1", "Z2"]
    assert rows.models.to_pylist() == ["ST4000DM000", 'WDC, Inc "WD"']
    np.testing.assert_array_equal(rows.raw, [[8, np.nan, np.nan], [np.nan, np.nan, 3]])


@pytest.mark.parametrize("cell", ["", " ", "NaN", "nan", " NaN ", "NA", "N/A", "null", "NULL", "None", '""'])
def test_missing(cell: str) -> None:
    rows, rejects = parse(line_of({3: cell}, 6), line_of({3: "oops"}, 6))
    assert [reject.line for reject in rejects] == [3]
    assert np.isnan(rows.raw[0, 0])


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("5", 5), ("5.0", 5), (" 5 ", 5), ("+5", 5), ("1e3", 1000), ('"7"', 7), ("-0", 0),
        ("16777217", 16777217), ("281474976710655", 281474976710655),
    ],
)  # fmt: skip
def test_values(cell: str, value: float) -> None:
    assert parse(line_of({3: cell}, 6))[0].raw[0, 0] == value


@pytest.mark.parametrize(
    "cell",
    [
        "5.5",
        "-1",
        "281474976710656",
        "9007199254740993",
        "18446744073709551616",
        "1e400",
        "inf",
        "-nan",
        "NAN",
        "0x10",
        "1_000",
        "x",
    ],
)
def test_bad_values(cell: str) -> None:
    code, reason = fault(5, cell)
    assert code == "bad_value"
    assert re.match(
        rf"smart_187_raw .*'{re.escape(cell)}'.*\b0\b.*\b281474976710655\b.*\bSMART 187, ", reason
    )


@pytest.mark.parametrize(
    ("cell", "value"),
    [("5.5", np.nan), ("x", np.nan), ("9007199254740993", np.nan), ("281474976710656", np.nan), ("7", 7)],
)
def test_what_is_not_needed_rejects_no_line(cell: str, value: float) -> None:
    rows, rejects = OPTIONAL.parse(Block(2, f"{line_of({5: cell}, 6)}\n{line_of({}, 6)}\n".encode()))
    assert not rejects
    np.testing.assert_array_equal(rows.raw, [[8, np.nan, value], [8, np.nan, 3]])


@pytest.mark.parametrize(
    "cell",
    [
        "2014-02-30",
        "2014-1-5",
        "20140125",
        "1999-12-31",
        "2100-01-01",
        "2014-01-25T00:00",
        "2014-W04-6",
        "NaN",
    ],
)
def test_bad_dates(cell: str) -> None:
    code, reason = fault(0, cell)
    assert code == "bad_date"
    assert re.match(rf"date .*'{re.escape(cell)}'.*\b2000-01-01\b.*\b2099-12-31\b", reason)


def test_empty_identity() -> None:
    for index, cell, expected, limits in (
        (0, "", "bad_date", r"date .*\b2000-01-01\b.*\b2099-12-31\b"),
        (1, " ", "bad_serial_number", r"serial_number .*\b1\b.*\b64\b"),
        (2, '""', "bad_model", r"model .*\b1\b.*\b128\b"),
    ):
        code, reason = fault(index, cell)
        assert code == expected
        assert re.match(limits, reason)


def test_texts() -> None:
    assert fault(1, "x" * 65)[0] == "bad_serial_number"
    assert fault(2, "x" * 129)[0] == "bad_model"
    code, reason = fault(2, "a\x07b")
    assert code == "bad_model"
    assert r"'a\x07b'" in reason
    assert not parse(line_of({1: "x" * 64, 2: "é" * 128}, 6))[1]


def test_the_first_of_several_faults_is_told() -> None:
    assert parse("x,,,y,,z")[1][0].code == "bad_date"
    assert parse("2014-01-25,,,y,,z")[1][0].code == "bad_serial_number"
    assert parse("2014-01-25,a,,y,,z")[1][0].code == "bad_model"
    assert "smart_5_raw is 'y'" in parse("2014-01-25,a,b,y,,z")[1][0].reason


def test_too_few_and_too_many_fields() -> None:
    rows, rejects = parse("2014-01-25,Z1", line_of({}, 6), "2014-01-25,Z1,ST,1,2,3,4")
    assert rows.lines.tolist() == [3]
    assert [(reject.line, reject.code, re.findall(r"\d+", reject.reason)) for reject in rejects] == [
        (2, "wrong_column_count", ["2", "6"]),
        (4, "wrong_column_count", ["7", "6"]),
    ]
    assert rejects[0].text == b"2014-01-25,Z1"


def test_a_line_that_is_too_long() -> None:
    rows, (reject,) = PARSER.parse(Block(9, b"begin\n", too_long=True))
    assert not len(rows.lines)
    assert (reject.line, reject.code, reject.text) == (9, "line_too_long", b"begin")
    assert reject.code in REJECT_CODES
