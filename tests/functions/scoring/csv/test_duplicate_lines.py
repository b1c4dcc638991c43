"""Lines that do not count."""

from __future__ import annotations

import re

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from functions.scoring.csv.blocks import Block
from functions.scoring.csv.duplicates import NONE, RepeatedSerials, without_duplicates
from functions.scoring.csv.parser import Rows
from functions.scoring.csv.rejects import Reject

SOME = RepeatedSerials(np.array([2, 5, 9]), np.array([5, 11, 10]), np.array([1, 2**64 - 1], np.uint64))


def rows_of(lines: list[int]) -> Rows:
    return Rows(
        np.array(lines),
        np.full(len(lines), np.datetime64("2014-01-25")),
        pa.array([f"S{line}" for line in lines], pa.string()),
        pa.array(["M"] * len(lines), pa.string()),
        np.array(lines, dtype=np.float64)[:, None],
    )


def test_those_between_two_lines() -> None:
    assert SOME.between(2, 9).lines.tolist() == [2, 5]
    assert SOME.between(3, 10).kept.tolist() == [11, 10]
    assert not len(SOME.between(6, 9).lines)
    assert SOME.between(6, 9).shared.tolist() == [1, 2**64 - 1]
    assert not len(NONE.between(0, 100).lines)


def test_they_are_written_and_read_again() -> None:
    again = RepeatedSerials.decode(SOME.encode())
    assert (again.lines.tolist(), again.kept.tolist()) == ([2, 5, 9], [5, 11, 10])
    assert again.shared.tolist() == [1, 2**64 - 1]
    assert SOME.encode() == b'{"duplicates":{"2":5,"5":11,"9":10},"shared":[1,18446744073709551615]}'
    nothing = RepeatedSerials.decode(NONE.encode())
    assert len(nothing.lines) == len(nothing.shared) == 0
    assert nothing.shared.dtype == np.uint64
    with pytest.raises(msgspec.DecodeError):
        RepeatedSerials.decode(b"{}")


def test_rows_that_do_not_count_become_rejects() -> None:
    block = Block(4, b"four\nfive\r\nsix\nseven\n")
    before = [Reject(6, "empty_line", "", b"")]
    rows, rejects = without_duplicates(block, rows_of([4, 5, 7]), before, SOME)
    assert rows.lines.tolist() == [4, 7]
    assert rows.raw.tolist() == [[4.0], [7.0]]
    assert [(reject.line, reject.code, reject.text) for reject in rejects] == [
        (5, "repeated_drive", b"five"),
        (6, "empty_line", b""),
    ]
    assert re.search(r"\bS5\b.*\bM\b.*\b2014-01-25\b.*\bline 11\b", rejects[0].reason)


@pytest.mark.parametrize("lines", [[], [3, 4], [6, 7, 8], [12]])
def test_other_rows_are_left_as_they_are(lines: list[int]) -> None:
    rows = rows_of(lines)
    assert without_duplicates(Block(3, b""), rows, [], SOME) == (rows, [])
