from __future__ import annotations

import itertools

import numpy as np
import pytest

from training.metrics.bands import EDGES, probability_bands

DRIVE = np.array([0, 0, 1, 1, 2, 3])
LABEL = np.array([0, 0, 1, 1, 0, 1])
PROBABILITY = np.array([0.0005, 0.02, 0.02, 0.01, 0.5, 1.0])


def test_failures_are_counted_by_the_band_of_their_probability() -> None:
    """Worked by hand: 0.01 to 0.03 has three rows that say 0.05 failures in all, and two are seen."""
    bands, above = probability_bands(DRIVE, LABEL, PROBABILITY, resamples=50, seed=0)
    assert [(band.low, band.high) for band in bands] == list(itertools.pairwise(EDGES))
    assert [band.rows for band in bands] == [1, 0, 3, 0, 0, 2]
    assert [band.observed for band in bands] == [0, 0, 2, 0, 0, 1]
    assert [band.expected for band in bands] == pytest.approx([0.001, 0, 0.05, 0, 0, 1.5], abs=1e-3)
    assert above.observed == 3
    assert above.expected == pytest.approx(1.55)
    assert above.ratio == pytest.approx(3 / 1.55)


def test_intervals_draw_drives_with_all_their_rows() -> None:
    """A drive's rows are drawn together: of two drives, one right and one wrong, the ratio is 0, 1 or 2."""
    drive, label = np.repeat([0, 1], 50), np.repeat([1, 0], 50)
    bands, above = probability_bands(drive, label, np.full(100, 0.5), resamples=400, seed=1)
    assert bands[-1].ratio_95 == above.ratio_95 == (0.0, 2.0)
    assert above.ratio == 1.0
    assert bands[2].ratio_95 is None
