"""The calibration of drives that a model was not trained on, on top of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from functions.scoring.model.manifest import ScopeCalibration


def calibrate(
    log_odds: NDArray[np.float32], calibration: ScopeCalibration
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return calibrated log-odds and their probability, (n,) each, given a model's log-odds.

    The sigmoid is taken in float64 and rounded once, so that a row comes to the same float32 alone, among
    others, and on processors whose exponentials differ in the last digit.
    """
    calibrated = log_odds * np.float32(calibration.scale) + np.float32(calibration.offset)
    with np.errstate(over="ignore"):
        probability = 1.0 / (1.0 + np.exp(-calibrated.astype(np.float64)))
    return calibrated, probability.astype(np.float32)
