from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from training.fitting.platt import fit_platt


def scores(rows: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    average = random.normal(-4, 2, rows)
    label = (random.random(rows) < expit(0.5 * average - 1.0)).astype(np.int8)
    return average, label


def test_it_finds_the_scale_and_offset_of_maximum_likelihood() -> None:
    average, label = scores()
    found = fit_platt(average, label)
    reference = LogisticRegression(C=1e10, tol=1e-10, max_iter=1000).fit(average[:, None], label)
    assert found.scale == pytest.approx(float(reference.coef_[0, 0]), abs=0.005)
    assert found.offset == pytest.approx(float(reference.intercept_[0]), abs=0.02)
    assert found.probability(average).mean() == pytest.approx(label.mean(), rel=0.01)


def test_weights_count_as_repeated_rows() -> None:
    average, label = scores(500)
    weights = np.where(label == 1, 1.0, 3.0)
    repeated = np.repeat(np.arange(500), weights.astype(int))
    one, other = fit_platt(average, label, weights), fit_platt(average[repeated], label[repeated])
    # the inner standardisation differs, the optimum does not
    assert one == pytest.approx(other, abs=1e-6)


def test_scores_that_say_nothing_or_the_opposite_are_only_shifted() -> None:
    label = np.array([0] * 990 + [1] * 10, dtype=np.int8)
    for average in (np.zeros(1000), np.where(label == 1, -3.0, 3.0)):
        found = fit_platt(average, label)
        assert found.scale == 1.0
        assert found.probability(average).mean() == pytest.approx(0.011, abs=0.002)


def test_perfectly_separated_scores_stay_finite() -> None:
    label = np.array([0] * 50 + [1] * 5, dtype=np.int8)
    found = fit_platt(np.where(label == 1, 5.0, -5.0), label)
    assert np.isfinite(found).all()
    assert found.scale > 0
