"""Ranges add up to their file."""

from __future__ import annotations

import msgspec

from functions.scoring.range_part import RangePart, tally_of_file
from functions.scoring.summary import Tally
from functions.scoring.worst_drive import WorstDrive


def drive(line: int, probability: float) -> WorstDrive:
    return WorstDrive(probability, -line, line, f"S{line}", "ST4000DM000", "high")


def part(index: int, lines: int, worst: list[WorstDrive]) -> RangePart:
    tally = Tally(lines=lines, accepted=lines, risk={"low": lines} if lines else {}, worst=worst)
    return RangePart(index, 0, tally, [], [], [], "1.2.3")


def test_counts_add_up_and_the_worst_stay_the_worst() -> None:
    parts = [
        part(0, 3, [drive(3, 0.5), drive(2, 0.1)]),
        part(1, 0, []),
        part(2, 2, [drive(5, 0.5), drive(6, 0.2)]),
    ]
    whole = tally_of_file(parts)
    assert [(one.line, one.probability) for one in whole.worst] == [(3, 0.5), (5, 0.5), (6, 0.2), (2, 0.1)]
    assert (whole.lines, whole.accepted, whole.risk) == (5, 5, {"low": 5})
    whole.check()


def test_a_part_survives_json() -> None:
    found = part(3, 2, [drive(2, 0.1 + 0.2)])
    assert msgspec.json.decode(msgspec.json.encode(found), type=RangePart) == found
