from __future__ import annotations

import numpy as np
import pytest

from functions.scoring.model.manifest import Thresholds
from tests.training.selection.test_similar import fleet, scored
from training.fitting.candidates import CHAMPION, candidates
from training.fitting.fleet import Fleet
from training.fitting.members import TreeSettings
from training.metrics.window_scores import WindowScores
from training.selection.windows import compare_on_windows

__all__ = ["fleet"]

SERVED = Thresholds(medium=0.02, high=0.2, critical=0.6)


@pytest.fixture(scope="module")
def found(fleet: Fleet) -> tuple[WindowScores, dict[str, object]]:
    (blend,) = (one for one in candidates(TreeSettings(trees=10), pooled=True) if one.name == CHAMPION)
    scores, record = compare_on_windows("v9", blend, fleet, scored(fleet), SERVED, None, seed=0)
    assert scores is not None
    return scores, record


def test_the_main_fleets_last_month_and_a_month_of_every_later_block_are_windows(
    found: tuple[WindowScores, dict[str, object]],
) -> None:
    scores, record = found
    assert scores.windows == (
        "ST4000DM000, 2020-04-19 to 2020-05-19",
        "other models, 2019-11",
        "other models, 2020-03",
    )
    assert scores.families == ("HGST HDS5C", "Seagate DM", "WDC EFRX")
    assert scores.own.version == "v9"
    assert scores.previous is None
    assert record["previous"] is None
    assert (np.bincount(scores.window) > 0).all()


def test_levels_are_those_of_the_thresholds_served(found: tuple[WindowScores, dict[str, object]]) -> None:
    scores, _ = found
    others = scores.window > 0
    served = [SERVED.medium, SERVED.high, SERVED.critical]
    expected = np.searchsorted(np.array(served, dtype=np.float32), scores.own.score[others], side="right")
    np.testing.assert_array_equal(scores.own.level[others], expected)


def test_a_drive_of_several_windows_has_one_number(found: tuple[WindowScores, dict[str, object]]) -> None:
    scores, _ = found
    late, early = (set(scores.drive[scores.window == window].tolist()) for window in (2, 1))
    assert late < early, "no drive is added to the made-up fleet"
    assert not early & set(scores.drive[scores.window == 0].tolist())
