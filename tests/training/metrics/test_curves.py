from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from training.metrics import curves

SCORED = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([0.0, 0.1, 0.2, 0.2001, 0.5, 0.9, 1.0])),
    min_size=2,
    max_size=40,
).filter(lambda rows: len({label for label, _ in rows}) == 2)


@settings(max_examples=200, deadline=None)
@given(SCORED)
def test_it_agrees_with_scikit_learn_ties_included(rows: list[tuple[int, float]]) -> None:
    label, score = map(np.array, zip(*rows, strict=True))
    assert curves.average_precision(label, score) == pytest.approx(sk.average_precision_score(label, score))
    assert curves.roc_auc(label, score) == pytest.approx(sk.roc_auc_score(label, score))
    fpr, recall, thresholds = sk.roc_curve(label, score, drop_intermediate=False)
    for ours, theirs in zip(curves.roc_curve(label, score), (fpr, recall, thresholds), strict=True):
        np.testing.assert_allclose(ours, theirs)
    for rate in (0.0, 0.1, 0.5, 1.0):
        assert curves.recall_at_fpr(label, score, rate) == pytest.approx(recall[fpr <= rate].max())
    precision, recall, thresholds = sk.precision_recall_curve(label, score)
    for ours, theirs in zip(
        curves.precision_recall_curve(label, score),
        (precision, recall, np.append(thresholds, np.inf)),
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs[::-1])


@settings(max_examples=100, deadline=None)
@given(SCORED, st.integers(0, 2**32 - 1))
def test_a_weight_counts_a_row_that_often(rows: list[tuple[int, float]], seed: int) -> None:
    label, score = map(np.array, zip(*rows, strict=True))
    weights = np.random.default_rng(seed).integers(0, 4, size=(3, len(rows))).astype(float)
    ranking = curves.Ranking.of(label, score)
    for metric, theirs in [
        (ranking.average_precision, sk.average_precision_score),
        (ranking.roc_auc, sk.roc_auc_score),
    ]:
        for value, times in zip(metric(weights), weights.astype(int), strict=True):
            drawn = np.repeat(label, times)
            if len(set(drawn)) == 2:
                assert value == pytest.approx(theirs(drawn, np.repeat(score, times)))


def test_without_positives_there_is_no_figure() -> None:
    ranking = curves.Ranking.of([0, 0], [0.1, 0.2])
    assert np.isnan([ranking.average_precision(), ranking.roc_auc(), ranking.recall_at_fpr(0.1)]).all()


@pytest.mark.parametrize(
    ("label", "score", "named"),
    [
        ([], [], r"\(0,\), \(0,\)"),
        ([0, 1], [0.1], r"\(2,\), \(1,\)"),
        ([0, 2], [0.1, 0.2], r"\b0 nor 1\b"),
        ([0, 1], [0.1, float("nan")], "^1 scores "),
        ([0, 1], [float("inf"), float("nan")], "^2 scores "),
    ],
)
def test_what_would_make_a_figure_meaningless_is_refused(
    label: list[int], score: list[float], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        curves.Ranking.of(label, score)
