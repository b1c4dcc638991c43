"""A calibrated classifier that is a sum in log-odds: the average of its members, then Platt's sigmoid.

Averaging and calibrating in log-odds keeps every step linear after the members, so that the model converts
to ONNX without the constructs whose conversion is silently wrong, and its explanation stays exact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class LogOddsModel(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Average of fitted binary classifiers in log-odds, calibrated by a scale and an offset.

    Parameters
    ----------
    members : sequence of fitted classifiers
        Each with ``decision_function`` in log-odds: HistGradientBoostingClassifier, or a pipeline of
        SimpleImputer, StandardScaler and LogisticRegression.
    weights : sequence of float, optional
        Weight of each member in the average, adding up to 1; equal by default.
    scale, offset : float
        Platt's calibration: log-odds = scale * average + offset.
    """

    def __init__(
        self,
        members: Sequence[Any],
        weights: Sequence[float] | None = None,
        scale: float = 1.0,
        offset: float = 0.0,
    ) -> None:
        self.members = members
        self.weights = weights
        self.scale = scale
        self.offset = offset
        self.classes_ = np.array([0, 1])

    def weighted_members(self) -> list[tuple[Any, float]]:
        """Return the members with their weights in the average."""
        weights = self.weights or [1.0 / len(self.members)] * len(self.members)
        return list(zip(self.members, weights, strict=True))

    def average(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the (n,) uncalibrated log-odds of (n, f) features."""
        total = np.zeros(len(features))
        for member, weight in self.weighted_members():
            total += weight * member.decision_function(features)
        return total

    def decision_function(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the (n,) calibrated log-odds of (n, f) features."""
        return self.scale * self.average(features) + self.offset

    def predict_proba(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the (n, 2) probabilities of staying healthy and of failing."""
        failing = expit(self.decision_function(features))
        return np.column_stack([1.0 - failing, failing])

    def calibrate(self, scale: float, offset: float) -> LogOddsModel:
        """Return the same members with another calibration."""
        return LogOddsModel(self.members, self.weights, scale, offset)
