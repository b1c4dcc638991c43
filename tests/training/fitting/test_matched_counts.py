from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logit

from training.fitting.matched_counts import fit_matched
from training.fitting.platt import fit_platt


def test_both_groups_have_as_many_failures_as_expected() -> None:
    """Worked by hand: 1 of 100 clean rows at -4 and 4 of 10 worn rows at -1 leave one scale and offset."""
    average = np.repeat([-4.0, -1.0], [100, 10])
    label = np.concatenate([[1] + [0] * 99, [1] * 4 + [0] * 6])
    found = fit_matched(average, label, average > -2)
    scale = (logit(0.4) - logit(0.01)) / 3
    assert found == pytest.approx((scale, logit(0.4) + scale))


def test_the_counts_agree_where_the_curve_does_not_fit() -> None:
    random = np.random.default_rng(0)
    average = np.concatenate([np.full(20_000, -7.0), random.uniform(-6, 2, 2_000)])
    worn = average > -6.5
    truth = np.where(worn, 0.05 + 0.4 * (average > -3), 0.001)
    label = (random.random(len(average)) < truth).astype(int)
    probability = fit_matched(average, label, worn).probability(average)
    for group in (worn, ~worn):
        assert probability[group].sum() == pytest.approx(label[group].sum(), rel=1e-6)
    unmatched = fit_platt(average, label).probability(average)
    assert unmatched[worn].sum() != pytest.approx(label[worn].sum(), rel=0.01)


def test_a_group_without_failures_is_left_to_maximum_likelihood() -> None:
    average = np.repeat([-4.0, -1.0], [100, 10])
    label = np.concatenate([[0] * 100, [1] * 4 + [0] * 6])
    assert fit_matched(average, label, average > -2) == fit_platt(average, label)
    falling = np.concatenate([[1] * 50 + [0] * 50, [1] + [0] * 9])
    assert fit_matched(average, falling, average > -2) == fit_platt(average, falling)
