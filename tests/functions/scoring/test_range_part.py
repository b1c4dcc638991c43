"""Ranges add up to their file."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.csv_rejects import Reject, rejects_csv
from functions.scoring.range_part import RangePart, lines_before, renumbered, tally_of_file
from functions.scoring.summary import Tally, WorstDrive

TEXTS = st.binary(max_size=30).map(lambda text: text.replace(b"\n", b""))


@given(st.lists(TEXTS, max_size=8), st.integers(0, 10**12), st.integers(1, 50))
def test_renumbered_rejects_are_those_of_later_lines(
    texts: list[bytes], offset: int, chunk_bytes: int
) -> None:
    def written(first: int) -> bytes:
        return rejects_csv(
            Reject(line, "bad_date", 'found "x", 2', text) for line, text in enumerate(texts, start=first)
        )

    data = written(2)
    chunks = [data[at : at + chunk_bytes] for at in range(0, len(data), chunk_bytes)]
    assert b"".join(renumbered(chunks, offset)) == written(2 + offset)


def drive(line: int, probability: float) -> WorstDrive:
    return WorstDrive(probability, -line, line, f"S{line}", "ST4000DM000", "high", "")


def part(index: int, lines: int, worst: list[WorstDrive]) -> RangePart:
    tally = Tally(lines=lines, accepted=lines, risk={"low": lines}, worst=worst)
    return RangePart(index, tally, [], [])


def test_line_numbers_of_the_worst_drives_are_those_of_the_file() -> None:
    parts = [
        part(0, 3, [drive(3, 0.5), drive(2, 0.1)]),
        part(1, 0, []),
        part(2, 2, [drive(2, 0.5), drive(3, 0.2)]),
    ]
    assert lines_before(parts) == [0, 3, 3]
    whole = tally_of_file(parts)
    assert [(one.line, one.probability) for one in whole.worst] == [(3, 0.5), (5, 0.5), (6, 0.2), (2, 0.1)]
    assert (whole.lines, whole.accepted, whole.risk) == (5, 5, {"low": 5})
    assert parts[2].tally.worst[0].line == 2


def test_a_part_survives_json() -> None:
    found = part(3, 2, [drive(2, 0.1 + 0.2)])
    assert msgspec.json.decode(msgspec.json.encode(found), type=RangePart) == found
