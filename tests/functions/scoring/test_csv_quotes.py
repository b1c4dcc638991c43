"""Quotes are read as Python's own strict reader reads them."""

from __future__ import annotations

import csv

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from functions.scoring.csv_quotes import LineEnd, all_closed, none_open, read_line

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


@given(st.lists(LINES, max_size=5), st.sampled_from(["\n", "\r\n"]))
@example(['"a","b,c"', "d,e", '"",'], "\r\n")
def test_all_closed_promises_no_more_than_is_so(lines: list[str], end: str) -> None:
    data = "".join(f"{line}{end}" for line in lines).encode()
    if all_closed(data):
        assert all(by_csv([line])[0] is LineEnd.CLOSED for line in lines)


@given(st.lists(st.text('",a', max_size=9), max_size=3))
@settings(max_examples=1000)
@example(['"a""b",c', '""""', '"""a"', 'x"",y'])
@example(['"a""'])
def test_none_open_promises_no_more_than_is_so(lines: list[str]) -> None:
    data = "".join(f"{line}\n" for line in lines).encode()
    if none_open(data):
        assert all(by_csv([line])[0] is not LineEnd.OPEN for line in lines)


def test_doubled_quotes_are_seen_through() -> None:
    assert none_open(b'"a""b","c",""\n"""",d\n')
    assert not none_open(b'"a""\n')


@pytest.mark.parametrize(
    ("data", "closed"),
    [
        (b"", True),
        (b"a,b\n", True),
        (b'"a","b"\n"c,d",\n', True),
        (b'"a","b"\r\n', True),
        (b'"a\nb"\n', False),
        (b'"a"x,b\n', False),
        (b'a"b"\n', False),
        (b'"a"\rb\n', False),
    ],
)
def test_what_is_seen_at_once(data: bytes, closed: bool) -> None:
    assert all_closed(data) is closed
