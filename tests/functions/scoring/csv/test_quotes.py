"""Quotes are read as Python's own strict reader reads them."""

from __future__ import annotations

import csv
import io
from typing import Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from functions.scoring.csv.quotes import doubtful_lines, fault_of_quotes

LINES = st.text('",ab \r', max_size=12).filter(lambda line: not line.endswith("\r") and "\r" not in line)


def expected_fault(line: str) -> str | None:
    """Return what Python's strict reader, or else a count of the quotes, has against a line."""
    try:
        rows = list(csv.reader([f"{line}\n"], strict=True))
    except csv.Error as error:
        return (
            "unexpected end of data" if "unexpected end of data" in str(error) else "',' expected after '\"'"
        )
    assert len(rows) == 1
    return "a quote without its pair" if line.count('"') % 2 else None


@given(LINES)
@example('"a","b",c,,"d,e","f""","",g,h"')
@example('"a",b,"c"d,e')
@example('a"b,"c,d')
@example('a"b,c"d')
def test_a_line(line: str) -> None:
    assert fault_of_quotes(line.encode()) == expected_fault(line)


@given(st.lists(st.text('",a\r', max_size=9), max_size=5), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=1000)
@example(['"a","b,c"', "d,e", '"",', '"a', '"b""",c'], "\r\n")
@example(['"a"\r', 'a"b"', '"a"b"'], "\n")
@example(['"a"\r,', '"a"\r""'], "\n")
def test_lines_that_are_not_doubtful_have_no_fault(lines: list[str], end: str) -> None:
    data = "".join(f"{line}{end}" for line in lines).encode()
    doubtful = doubtful_lines(data).tolist()
    assert doubtful == sorted(set(doubtful))
    for index, line in enumerate(data.split(b"\n")[:-1]):
        assert index in doubtful or fault_of_quotes(line.removesuffix(b"\r")) is None


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
    for index in sorted(broken):
        if index <= len(lines):
            lines.insert(index, bad)
            expected.append(index)
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
