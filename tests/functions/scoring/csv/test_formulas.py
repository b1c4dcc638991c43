"""No field of an output is a formula where that is asked for, and no other field is changed."""

from __future__ import annotations

import csv
import io

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.csv.formulas import BEGINNINGS, escape_column, escape_reject
from functions.scoring.csv.rejects import Reject
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.model.scorer import Scorer
from functions.settings import EscapedOutputs
from tests.support.drives import Scored, row, score, table
from tests.support.in_ranges import score_in_ranges

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)"]
DATA = table(
    [
        *(row(serial, "2014-01-25", model=f"{serial}M") for serial in FORMULAS),
        *(f"{formula},x" for formula in [*FORMULAS, "\tx", '"=1"', "2014-01-25,=1+1"]),
        row("=1+1", "2014-01-25", model="=1+1M"),
    ]
)


def fields(data: bytes) -> list[dict[str, str]]:
    """Read a CSV as a spreadsheet does."""
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def begins(texts: list[str]) -> list[str]:
    """Return the texts that are formulas."""
    return [text for text in texts if text.startswith(tuple(BEGINNINGS))]


def scored_with(scorer: Scorer, escaped: EscapedOutputs) -> Scored:
    return score(CsvEngine(scorer, max_reject_share=1.0, escaped=escaped), DATA)


@pytest.mark.parametrize(
    ("escaped", "in_scored", "in_rejects"), [("none", 4, 6), ("rejects", 4, 0), ("all", 0, 0)]
)
def test_outputs(scorer: Scorer, escaped: EscapedOutputs, in_scored: int, in_rejects: int) -> None:
    run = scored_with(scorer, escaped)
    serials = [line["serial_number"] for line in fields(run.scored)]
    assert len(begins(serials)) == in_scored
    assert len(begins([line["model"] for line in fields(run.scored)])) == in_scored
    texts = [line[column] for line in fields(run.rejects) for column in ("reason", "text")]
    assert len(begins(texts)) == in_rejects


def test_ranges_alike(scorer: Scorer) -> None:
    whole, ranges = scored_with(scorer, "rejects"), score_in_ranges(scorer, DATA, 300)
    assert (ranges.scored, ranges.rejects) == (whole.scored, whole.rejects)


def test_nothing_else_changes(scorer: Scorer) -> None:
    """Take the apostrophes away and there is what was written without; summaries are the same."""
    plain, escaped = (scored_with(scorer, each) for each in ("none", "all"))
    assert escaped.summary == plain.summary
    for with_quotes, without in ((escaped.scored, plain.scored), (escaped.rejects, plain.rejects)):
        assert with_quotes != without
        undone = [
            {name: text[1:] if begins([text[1:]]) and text[0] == "'" else text for name, text in line.items()}
            for line in fields(with_quotes)
        ]
        assert undone == fields(without)


@pytest.mark.parametrize("beginning", "=+-@\t\r\0\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH COMMERCIAL AT}")
def test_beginnings(beginning: str) -> None:
    assert begins([f"{beginning}1+1"])


@given(st.lists(st.text(max_size=5)))
def test_columns_and_rejects_alike(texts: list[str]) -> None:
    """However it begins: with an apostrophe, a byte that is no text, or nothing."""
    texts = [text.encode(errors="replace").decode() for text in texts]
    expected = [f"'{text}" if begins([text]) else text for text in texts]
    assert escape_column(pa.array(texts, type=pa.string())).to_pylist() == expected
    found = [escape_reject(Reject(2, "bad_value", text, text.encode())) for text in texts]
    assert [each.reason for each in found] == expected
    assert [each.text.decode() for each in found] == expected
