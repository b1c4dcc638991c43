from __future__ import annotations

import numpy as np
import pytest

from tests.training.small_evaluation_json import drives
from training.metrics.calibration import brier, expected_calibration_error
from training.metrics.row_intervals import row_intervals


def test_the_figures_lie_within_their_intervals_and_more_drives_narrow_them() -> None:
    found = drives(3.0)
    ranges = row_intervals(found, resamples=400, seed=0)
    label, probability = (found.rows[name].to_numpy() for name in ("label", "probability"))
    low, high = ranges["row_brier"]
    assert low < brier(label, probability) < high
    low, high = ranges["row_ece"]
    assert low < expected_calibration_error(label, probability) * 1.05
    assert 0 <= low < high


def test_a_seed_gives_the_same_intervals() -> None:
    first, again, other = (row_intervals(drives(1.0), resamples=50, seed=seed) for seed in (1, 1, 2))
    assert first == again != other


def test_drives_are_drawn_with_all_their_rows() -> None:
    found = drives(1.0)
    (low, high) = row_intervals(found, resamples=300, seed=0)["row_brier"]
    wrong = (found.rows["probability"] - found.rows["label"]).to_numpy() ** 2
    by_rows = 2 * 1.96 * wrong.std() / np.sqrt(len(wrong))
    assert high - low > 1.5 * by_rows, "rows of a drive are not independent"
    assert (high + low) / 2 == pytest.approx(wrong.mean(), rel=0.2)
