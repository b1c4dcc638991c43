"""Which attributes rise together, and with failures."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from training.exploration.part import UNKNOWN, DataPart

FEWEST_PAIRS = 100
"""Drive-days with both values, below which a correlation is not shown."""

_ROWS = 1 << 18
"""Rows taken at once: four matrices of 20 columns, 160 MB."""


class Correlation:
    """Adds up what Pearson's correlation is made of, over pairs of present values.

    Values are taken as log(1 + value), because a few drives count millions where most count nothing. The last
    row and column is the label: whether the drive fails within the horizon, where that is known.

    Parameters
    ----------
    attributes : int
        Number of attributes, k.
    """

    def __init__(self, attributes: int) -> None:
        size = attributes + 1
        self._n, self._x, self._xx, self._xy = (np.zeros((size, size)) for _ in range(4))

    def add(self, part: DataPart) -> None:
        """Add some drives."""
        for start in range(0, len(part.label), _ROWS):
            label = part.label[start : start + _ROWS].astype(np.float64)
            label[label == UNKNOWN] = np.nan
            logged = np.log1p(part.values[start : start + _ROWS])
            values = np.column_stack([logged, label])
            present = ~np.isnan(values)
            values[~present] = 0.0
            there = present.astype(np.float64)
            self._n += there.T @ there
            self._x += values.T @ there
            self._xx += (values * values).T @ there
            self._xy += values.T @ values

    def matrix(self) -> npt.NDArray[np.float64]:
        """Return the (k + 1, k + 1) correlations, NaN where a value never changes or pairs are few."""
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = self._x / self._n
            variance = self._xx / self._n - mean**2
            covariance = self._xy / self._n - mean * mean.T
            # Of a constant, rounding leaves a variance of some 1e-15 of its square.
            variance[variance <= 1e-12 * np.maximum(mean**2, 1e-300)] = np.nan
            variance[self._n < FEWEST_PAIRS] = np.nan
            found = covariance / np.sqrt(variance * variance.T)
        return np.asarray(np.clip(found, -1.0, 1.0))
