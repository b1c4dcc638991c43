from __future__ import annotations

import numpy as np
import pytest

from training.fitting.members import TreeSettings
from training.selection.search import choose

GRID = [TreeSettings(leaves=leaves) for leaves in (4, 5, 8)]


@pytest.mark.parametrize(
    ("scores", "leaves"),
    [
        # The best mean is 0.20 with a standard error of 0.0577: 0.15 is within it, 0.14 is not.
        ([[0.15, 0.15, 0.15], [0.14, 0.14, 0.14], [0.1, 0.2, 0.3]], 4),
        ([[0.14, 0.14, 0.14], [0.15, 0.15, 0.15], [0.1, 0.2, 0.3]], 5),
        ([[0.19, 0.19, 0.19], [0.2, 0.2, 0.2], [0.1, 0.1, 0.1]], 5),
    ],
)
def test_the_simplest_point_within_a_standard_error_of_the_best_is_chosen(
    scores: list[list[float]], leaves: int
) -> None:
    found = choose(GRID, np.array(scores))
    assert found.chosen.leaves == leaves
    assert [point["mean"] for point in found.table] == pytest.approx(np.mean(scores, axis=1))
