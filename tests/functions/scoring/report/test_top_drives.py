from __future__ import annotations

import numpy as np
import pyarrow as pa

from functions.scoring.csv.parser import Rows
from functions.scoring.model.reasons import Reason
from functions.scoring.report.top_drives import worst_drives
from tests.support.scores import scores_of

PROBABILITY = [0.25, 0.1, 0.25, 0.5]
ROWS = Rows(
    np.arange(2, 6),
    np.array(["2014-01-25"] * 4, dtype="datetime64[D]"),
    pa.array(["A", "B", "C", "D"]),
    pa.array(["ST"] * 4),
    np.zeros((4, 1)),
)

SCORES = scores_of(PROBABILITY, [1, 0, 1, 2])


def test_the_worst_first_and_of_equals_the_earlier_line() -> None:
    why = [Reason(5, "", 1.0, None, None, 1.0, "this"), Reason(187, "", 1.0, None, None, 1.0, "that")]
    found = worst_drives(3, ROWS, SCORES, {3: why})
    assert [(drive.serial_number, drive.line, drive.risk) for drive in found] == [
        ("D", 5, "high"),
        ("A", 2, "medium"),
        ("C", 4, "medium"),
    ]
    assert found == sorted(found, reverse=True)
    assert (found[0].reasons, found[0].reason, found[1].reason) == (("this", "that"), "this", "")


def test_some_rows_only() -> None:
    found = worst_drives(9, ROWS, SCORES, {}, np.array([1, 2]))
    assert [drive.serial_number for drive in found] == ["C", "B"]
    assert [drive.probability for drive in found] == [0.25, 0.1]  # the shortest digits of the float32
