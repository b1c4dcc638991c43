"""Ranking quality: precision-recall and ROC, with weights, so that a bootstrap is one matrix and not a loop.

Ties are treated as scikit-learn treats them: equal scores are one point of the curve, never two orders of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FPR_POINTS = (0.0002, 0.001, 0.01)
"""False positive rates at which recall is reported: 0.02, 0.1 and 1 % of healthy drives."""


@dataclass(frozen=True)
class Ranking:
    """Labels in order of falling score, prepared for any number of weightings.

    Attributes
    ----------
    order : ndarray of intp, shape (n,)
        Rows by falling score.
    positive : ndarray of float64, shape (n,)
        Labels in that order, 0.0 or 1.0.
    ends : ndarray of intp, shape (k,)
        Position of the last row of every group of equal scores.
    thresholds : ndarray of float64, shape (k,)
        The score of every group, falling.
    """

    order: npt.NDArray[np.intp]
    positive: Floats
    ends: npt.NDArray[np.intp]
    thresholds: Floats

    @classmethod
    def of(cls, label: npt.ArrayLike, score: npt.ArrayLike) -> Ranking:
        """Rank rows.

        Raises
        ------
        ValueError
            When lengths differ, there are no rows, a label is not 0 or 1, or a score is NaN or infinite.
        """
        labels, scores = check(label, score)
        order = np.argsort(-scores, kind="stable")
        falling = scores[order]
        ends = np.append(np.flatnonzero(np.diff(falling)), len(falling) - 1)
        return cls(order, labels[order], ends, falling[ends])

    def counts(self, weights: Floats | None = None) -> tuple[Floats, Floats]:
        """Return the weight of true and of false positives at every threshold.

        Parameters
        ----------
        weights : ndarray of float64, shape (..., n), optional
            In the rows' original order; several weightings along the leading axes. 1 when not given.

        Returns
        -------
        true_positives, false_positives : ndarray of float64, shape (..., k)
        """
        sorted_weights = np.ones(len(self.positive)) if weights is None else weights[..., self.order]
        total = np.cumsum(sorted_weights, axis=-1)[..., self.ends]
        hits = np.cumsum(sorted_weights * self.positive, axis=-1)[..., self.ends]
        return hits, total - hits

    def average_precision(self, weights: Floats | None = None) -> Floats:
        """Return average precision, shape (...): precision times the gain in recall, summed.

        NaN without positives.
        """
        hits, misses = self.counts(weights)
        gained = np.diff(hits, axis=-1, prepend=0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            precision = np.nan_to_num(hits / (hits + misses))
            return np.asarray((precision * gained).sum(axis=-1) / hits[..., -1])

    def roc_auc(self, weights: Floats | None = None) -> Floats:
        """Return the area under the ROC curve, shape (...). NaN unless there are positives and negatives."""
        hits, misses = self.counts(weights)
        before = hits - np.diff(hits, axis=-1, prepend=0.0)
        area = (np.diff(misses, axis=-1, prepend=0.0) * (hits + before) / 2).sum(axis=-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(area / (hits[..., -1] * misses[..., -1]))

    def recall_at_fpr(self, rate: float, weights: Floats | None = None) -> Floats:
        """Return the highest recall at a false positive rate of at most ``rate``, shape (...).

        Only real thresholds count; nothing is interpolated between two points of the curve.
        """
        hits, misses = self.counts(weights)
        with np.errstate(invalid="ignore", divide="ignore"):
            allowed = misses <= rate * misses[..., -1:]
            return np.asarray(np.where(allowed, hits, 0.0).max(axis=-1) / hits[..., -1])


def check(label: npt.ArrayLike, score: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return labels and scores as float64, refusing what would make a metric meaningless.

    Raises
    ------
    ValueError
        When lengths differ, there are no rows, a label is not 0 or 1, or a score is NaN or infinite.
    """
    labels, scores = np.asarray(label, dtype=np.float64), np.asarray(score, dtype=np.float64)
    if labels.ndim != 1 or labels.shape != scores.shape or not labels.size:
        raise ValueError(
            f"expected as many labels as scores, at least one; found shapes {labels.shape}, {scores.shape}"
        )
    if not np.isin(labels, (0.0, 1.0)).all():
        raise ValueError("a label is neither 0 nor 1")
    if not np.isfinite(scores).all():
        raise ValueError(f"{int((~np.isfinite(scores)).sum())} scores are NaN or infinite")
    return labels, scores


def average_precision(label: npt.ArrayLike, score: npt.ArrayLike) -> float:
    """Return average precision; its chance level is the prevalence, so report the two together."""
    return float(Ranking.of(label, score).average_precision())


def roc_auc(label: npt.ArrayLike, score: npt.ArrayLike) -> float:
    """Return the area under the ROC curve."""
    return float(Ranking.of(label, score).roc_auc())


def recall_at_fpr(label: npt.ArrayLike, score: npt.ArrayLike, rate: float) -> float:
    """Return the highest recall at a false positive rate of at most ``rate``."""
    return float(Ranking.of(label, score).recall_at_fpr(rate))


def roc_curve(label: npt.ArrayLike, score: npt.ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Return (false positive rate, recall, threshold) at every distinct score, from (0, 0, inf) on."""
    ranking = Ranking.of(label, score)
    hits, misses = ranking.counts()
    with np.errstate(invalid="ignore", divide="ignore"):
        fpr, recall = misses / misses[-1], hits / hits[-1]
    return np.append(0.0, fpr), np.append(0.0, recall), np.append(np.inf, ranking.thresholds)


def precision_recall_curve(label: npt.ArrayLike, score: npt.ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Return (precision, recall, threshold) at every distinct score, falling, from (1, 0, inf) on."""
    ranking = Ranking.of(label, score)
    hits, misses = ranking.counts()
    with np.errstate(invalid="ignore", divide="ignore"):
        recall = hits / hits[-1]
    return (
        np.append(1.0, hits / (hits + misses)),
        np.append(0.0, recall),
        np.append(np.inf, ranking.thresholds),
    )
