"""Quotes are read as Python's own strict reader reads them."""

from __future__ import annotations

import csv
import io
from typing import Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from functions.scoring.csv.quotes import LineEnd, doubtful_lines, read_line

LINES = st.text('",ab \r', max_size=12).filter(lambda line: not line.endswith("\r") and "\r" not in line)


def by_csv(lines: list[str]) -> tuple[LineEnd, int]:
    """Tell how the last of some lines ends, and the separators of the record that they are."""
    rows = []
    reader = csv.reader((f"{line}\n" for line in lines), strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        found = LineEnd.OPEN if "unexpected end of data" in str(error) else LineEnd.WRONG
        return found, -1
    assert len(rows) == 1
    return LineEnd.CLOSED, max(0, len(rows[0]) - 1)


@given(LINES)
@example('"a","b",c,,"d,e","f""","",g,h"')
@example('"a",b,"c"d,e')
@example('a"b,"c,d')
def test_a_line(line: str) -> None:
    found, separators = read_line(line.encode(), in_quotes=False)
    expected, of_row = by_csv([line])
    assert found is expected
    if found is LineEnd.CLOSED:
        assert separators == of_row


@given(LINES)
@example('b"')
@example('"')
@example('""')
@example('b","c')
def test_a_line_behind_an_open_quote(line: str) -> None:
    found, separators = read_line(line.encode(), in_quotes=True)
    expected, of_record = by_csv(['"a', line])
    assert found is expected
    if found is LineEnd.CLOSED:
        assert separators == of_record


@given(st.lists(st.text('",a\r', max_size=9), max_size=5), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=1000)
@example(['"a","b,c"', "d,e", '"",', '"a', '"b""",c'], "\r\n")
@example(['"a"\r', 'a"b"', '"a"b"'], "\n")
@example(['"a"\r,', '"a"\r""'], "\n")
def test_lines_that_are_not_doubtful_are_closed(lines: list[str], end: str) -> None:
    data = "".join(f"{line}{end}" for line in lines).encode()
    doubtful = doubtful_lines(data).tolist()
    assert doubtful == sorted(set(doubtful))
    found = [read_line(line.removesuffix(b"\r"), in_quotes=False)[0] for line in data.split(b"\n")[:-1]]
    for place, line_end in enumerate(found):
        assert line_end is LineEnd.CLOSED or place in doubtful


@given(
    st.lists(st.lists(st.text('",a ', max_size=5), min_size=1, max_size=6), max_size=5),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sets(st.integers(0, 9)),
    st.sampled_from(['"', 'a"b"', '"a"b,c']),
)
def test_lines_as_they_are_written_are_not_doubtful(
    rows: list[list[str]], end: str, quoting: Literal[0, 1], broken: set[int], bad: str
) -> None:
    """Whatever lines stand between them."""
    text = io.StringIO()
    csv.writer(text, quoting=quoting, lineterminator="\n").writerows(rows)
    lines = text.getvalue().split("\n")[:-1]
    expected = []
    for place in sorted(broken):
        if place <= len(lines):
            lines.insert(place, bad)
            expected.append(place)
    data = "".join(f"{line}{end}" for line in lines).encode()
    assert doubtful_lines(data).tolist() == expected


@pytest.mark.parametrize(
    ("data", "doubtful"),
    [
        (b"", []),
        (b"a,b\n", []),
        (b'"a","b"\n"c,d",\n', []),
        (b'"a","b"\r\n', []),
        (b'"a""b",\n"""",""\n', []),
        (b'"a\nb"\n', [0, 1]),
        (b'"a"\n"a"x,b\n"a\n"a"\n', [1, 2]),
        (b'a"b"\n', [0]),
        (b'"a""\n', [0]),
        (b'""a\n', [0]),
        (b'"a"\rb\n', [0]),
        (b'"a"\r\r\n"a"\r\n', [0]),
    ],
)
def test_what_is_seen_at_a_glance(data: bytes, doubtful: list[int]) -> None:
    assert doubtful_lines(data).tolist() == doubtful
