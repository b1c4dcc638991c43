"""Whether a probability means what it says: Brier score, reliability curve, expected calibration error.

Bins hold equal shares of the rows (equal mass) by default. At a prevalence of one row in a thousand nearly
every probability is below 0.1, and bins of equal width would put all rows but a few into the first and call
that calibrated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from training.metrics.curves import Floats, check

CALIBRATION_BINS = 15
"""Bins of the reliability curve, as in Guo et al. 2017 (arXiv:1706.04599)."""

Binning = Literal["equal-mass", "equal-width"]


@dataclass(frozen=True)
class Reliability:
    """The reliability curve; empty bins are left out.

    Attributes
    ----------
    rows : ndarray of int64, shape (b,)
        Rows in each bin.
    predicted : ndarray of float64, shape (b,)
        Their mean probability.
    observed : ndarray of float64, shape (b,)
        Their share of positives.
    """

    rows: npt.NDArray[np.int64]
    predicted: Floats
    observed: Floats

    @property
    def ece(self) -> float:
        """Expected calibration error: mean |observed - predicted|, weighted by rows."""
        return float(np.average(np.abs(self.observed - self.predicted), weights=self.rows))


def brier(label: npt.ArrayLike, probability: npt.ArrayLike) -> float:
    """Return the mean squared difference between probability and label."""
    labels, scores = check(label, probability)
    return float(np.mean((scores - labels) ** 2))


def reliability(
    label: npt.ArrayLike,
    probability: npt.ArrayLike,
    bins: int = CALIBRATION_BINS,
    binning: Binning = "equal-mass",
) -> Reliability:
    """Compare mean probability and share of positives, bin by bin.

    Parameters
    ----------
    label, probability : array-like, shape (n,)
    bins : int
        Most bins to use. Equal probabilities are never divided between bins, so a model that gives few
        distinct ones (the prevalence baseline: one) has fewer.
    binning : {"equal-mass", "equal-width"}
        Edges at quantiles of the probabilities, or evenly from 0 to 1.

    Raises
    ------
    ValueError
        When a probability is outside [0, 1], or the arrays do not match.
    """
    labels, scores = check(label, probability)
    if scores.min() < 0 or scores.max() > 1:
        raise ValueError(f"probabilities lie in [0, 1], not in [{scores.min()}, {scores.max()}]")
    bin_of = bins_of(scores, bins, binning)
    rows = np.bincount(bin_of, minlength=bins)
    full = rows > 0
    return Reliability(
        rows=rows[full].astype(np.int64),
        predicted=np.bincount(bin_of, scores, minlength=bins)[full] / rows[full],
        observed=np.bincount(bin_of, labels, minlength=bins)[full] / rows[full],
    )


def bins_of(
    probability: Floats, bins: int = CALIBRATION_BINS, binning: Binning = "equal-mass"
) -> npt.NDArray[np.intp]:
    """Return the bin of every probability, from 0, shape (n,); equal probabilities share a bin."""
    inner = np.linspace(0.0, 1.0, bins + 1)[1:-1]
    equal = binning == "equal-mass"
    edges = np.unique(np.quantile(probability, inner, method="inverted_cdf")) if equal else inner
    return np.searchsorted(edges, probability, side="left")


def expected_calibration_error(
    label: npt.ArrayLike,
    probability: npt.ArrayLike,
    bins: int = CALIBRATION_BINS,
    binning: Binning = "equal-mass",
) -> float:
    """Return the expected calibration error of `reliability`."""
    return reliability(label, probability, bins, binning).ece
