from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from training.metrics.calibration import brier, expected_calibration_error, reliability


@pytest.fixture(scope="module")
def rare() -> tuple[np.ndarray, np.ndarray]:
    """Calibrated probabilities of a rare event."""
    random = np.random.default_rng(0)
    probability = random.beta(0.3, 30, size=50_000)
    return (random.random(50_000) < probability).astype(int), probability


def test_brier_agrees_with_scikit_learn(rare: tuple[np.ndarray, np.ndarray]) -> None:
    assert brier(*rare) == pytest.approx(brier_score_loss(*rare))


@pytest.mark.parametrize(("binning", "strategy"), [("equal-mass", "quantile"), ("equal-width", "uniform")])
def test_the_curve_agrees_with_scikit_learn(
    rare: tuple[np.ndarray, np.ndarray], binning: str, strategy: str
) -> None:
    observed, predicted = calibration_curve(*rare, n_bins=10, strategy=strategy)
    ours = reliability(*rare, bins=10, binning=binning)  # type: ignore[arg-type]
    # Quantiles are interpolated there, taken from the data here: a row may fall on the other side of an edge.
    np.testing.assert_allclose(ours.predicted, predicted, rtol=1e-3)
    np.testing.assert_allclose(ours.observed, observed, atol=3e-4)
    assert ours.rows.sum() == 50_000


def test_the_error_sees_what_equal_width_hides(rare: tuple[np.ndarray, np.ndarray]) -> None:
    label, probability = rare
    assert expected_calibration_error(label, probability) < 0.002
    # The same probabilities dealt to the wrong rows: right on average, worthless for every single one.
    dealt = np.random.default_rng(1).permutation(probability)
    assert expected_calibration_error(label, dealt, binning="equal-width") < 0.003
    assert expected_calibration_error(label, dealt) > 0.005


def test_by_hand() -> None:
    found = reliability([0, 1, 1, 1], [0.1, 0.1, 0.8, 0.6], bins=2)
    assert found.rows.tolist() == [2, 2]
    np.testing.assert_allclose(found.predicted, [0.1, 0.7])
    np.testing.assert_allclose(found.observed, [0.5, 1.0])
    assert found.ece == pytest.approx(0.35)


def test_equal_probabilities_share_a_bin() -> None:
    found = reliability([0, 0, 0, 1], [0.25] * 4)
    assert (found.rows.tolist(), found.ece) == ([4], 0.0)


@pytest.mark.parametrize("probability", [[0.1, 1.5], [-0.1, 0.5]])
def test_no_probability_is_refused(probability: list[float]) -> None:
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        reliability([0, 1], probability)
