from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from functions.scoring.model.calibration import calibrate
from functions.scoring.model.manifest import ScopeCalibration

LOG_ODDS = arrays.arrays(np.float32, st.integers(1, 40), elements=st.floats(-200, 200, width=32))
FACTORS = st.floats(0.1, 3), st.floats(-3, 3)


@given(LOG_ODDS, *FACTORS)
def test_a_row_comes_to_the_same_bits_alone_and_among_others(
    log_odds: np.ndarray, scale: float, offset: float
) -> None:
    calibration = ScopeCalibration(scale, offset)
    together = calibrate(log_odds, calibration)
    alone = [calibrate(log_odds[row : row + 1], calibration) for row in range(len(log_odds))]
    for part, pieces in zip(together, zip(*alone, strict=True), strict=True):
        assert part.dtype == np.float32
        assert np.concatenate(pieces).tobytes() == part.tobytes()


@given(st.floats(-30, 30, width=32), *FACTORS)
def test_it_is_the_sigmoid(log_odds: float, scale: float, offset: float) -> None:
    (calibrated,), (probability,) = calibrate(
        np.array([log_odds], dtype=np.float32), ScopeCalibration(scale, offset)
    )
    assert calibrated == pytest.approx(scale * log_odds + offset, rel=1e-5, abs=1e-5)
    assert probability == pytest.approx(1 / (1 + math.exp(-float(calibrated))), rel=1e-6)
