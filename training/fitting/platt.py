"""Platt's calibration: the scale and offset that make log-odds mean what they say."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import expit

Floats = npt.NDArray[np.float64]

_STEPS = 100
_CLOSE = 1e-10


class Calibration(NamedTuple):
    """log-odds = scale * average + offset."""

    scale: float
    offset: float

    def log_odds(self, average: Floats) -> Floats:
        """Return calibrated log-odds."""
        return self.scale * average + self.offset

    def probability(self, average: Floats) -> Floats:
        """Return calibrated probabilities."""
        return np.asarray(expit(self.log_odds(average)))


def fit_platt(average: Floats, label: npt.NDArray[np.integer], weight: Floats | None = None) -> Calibration:
    """Fit scale and offset by maximum likelihood, with Platt's (1999) smoothed targets.

    Parameters
    ----------
    average : (n,) array of float64
        Uncalibrated log-odds of rows at natural prevalence.
    label : (n,) array of int
        0 or 1.
    weight : (n,) array of float64, optional
        Rows each row stands for; 1 by default.

    Returns
    -------
    Calibration
        Where the scores say nothing or point the wrong way, the scale stays 1 (0 would give every drive the
        same answer, below 0 would turn the ranking over) and the offset alone is fitted.
    """
    average, label, weights = _gather(average, label, weight)
    positives, total = float(weights @ label), float(weights.sum())
    target = np.where(label == 1, (positives + 1) / (positives + 2), 1 / (total - positives + 2))
    if np.ptp(average) > 0:
        center = float(np.average(average, weights=weights))
        spread = float(np.sqrt(np.average((average - center) ** 2, weights=weights)))
        design = np.column_stack([(average - center) / spread, np.ones(len(average))])
        slope, offset = _newton(design, target, weights)
        if slope > 0:
            return Calibration(slope / spread, offset - slope * center / spread)
    return Calibration(1.0, _offset_alone(average, target, weights))


def _gather(
    average: Floats, label: npt.NDArray[np.integer], weight: Floats | None
) -> tuple[Floats, npt.NDArray[np.integer], Floats]:
    """Return each pair of score and label once, with the weight of its rows; most rows share theirs."""
    weights = np.ones(len(average)) if weight is None else weight
    rows = pl.DataFrame({"average": average, "label": label, "weight": weights})
    pairs = rows.group_by("average", "label").agg(pl.col("weight").sum()).sort("average", "label")
    return pairs["average"].to_numpy(), pairs["label"].to_numpy(), pairs["weight"].to_numpy()


def _newton(design: Floats, target: Floats, weights: Floats) -> tuple[float, float]:
    start = np.average(target, weights=weights)
    beta = np.array([0.0, np.log(start / (1 - start))])
    loss = _loss(design, target, weights, beta)
    for _ in range(_STEPS):
        expected = expit(design @ beta)
        gradient = design.T @ (weights * (target - expected))
        curvature = (design * (weights * expected * (1 - expected))[:, None]).T @ design
        step = np.linalg.lstsq(curvature, gradient, rcond=None)[0]
        while (tried := _loss(design, target, weights, beta + step)) > loss and np.abs(step).max() > _CLOSE:
            step = step / 2
        beta, loss = beta + step, tried
        if np.abs(step).max() <= _CLOSE:
            break
    return float(beta[0]), float(beta[1])


def _loss(design: Floats, target: Floats, weights: Floats, beta: Floats) -> float:
    log_odds = design @ beta
    return float(weights @ (np.logaddexp(0.0, log_odds) - target * log_odds))


def _offset_alone(average: Floats, target: Floats, weights: Floats) -> float:
    wanted = float(np.average(target, weights=weights))
    low, high = -50.0 - float(average.max()), 50.0 - float(average.min())
    for _ in range(_STEPS):
        middle = (low + high) / 2
        reached = float(np.average(expit(average + middle), weights=weights))
        low, high = (middle, high) if reached < wanted else (low, middle)
    return (low + high) / 2
