from __future__ import annotations

from functions.scoring.model.risk import LEVELS
from functions.scoring.report.page.tables import WORST_FIRST, worst_table
from functions.scoring.report.top_drives import WorstDrive
from tests.functions.scoring.report.page.reading import Page


def test_all_levels_are_shown() -> None:
    assert sorted(WORST_FIRST) == sorted(LEVELS)


def test_a_drive_without_reasons() -> None:
    shown = Page(worst_table([WorstDrive(0.001, -2, 2, "S", "ST", "low", "similar")])).tables["worst-drives"][
        1
    ]
    assert shown == ["S", "ST", "0.1\u202f%", "low", "similar", "2", "none given"]
    assert worst_table([]) == ""
