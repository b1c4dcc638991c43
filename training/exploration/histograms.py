"""How values are spread, before a failure and otherwise, in bins that are the same for any amount of data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from functions.scoring.smart import ATTRIBUTES
from training.exploration.part import DataPart

LINEAR_WIDTH = 2.0
"""Width of bins of what is not a counter, in the attribute's unit: temperatures."""

_BINS = 130
_LABELS = (0, 1, -1)


@dataclass(frozen=True)
class ValueHistogram:
    """One attribute's values.

    Attributes
    ----------
    edges : (b + 1,) array of float64
        Bin i holds edges[i] <= value < edges[i + 1]. A counter's first bin is [0, 1), in whole numbers 0; the
        others are [2**j, 2**(j + 1)).
    surviving, failing, unknown : (b,) array of int64
        Drive-days of drives that do not fail within the horizon, that do, and of unknown outcome.
    """

    attribute: int
    edges: npt.NDArray[np.float64]
    surviving: npt.NDArray[np.int64]
    failing: npt.NDArray[np.int64]
    unknown: npt.NDArray[np.int64]


class Histograms:
    """Counts values in bins."""

    def __init__(self, attributes: Sequence[int]) -> None:
        self._attributes = tuple(attributes)
        self._counts = np.zeros((len(self._attributes), len(_LABELS), _BINS), dtype=np.int64)

    def add(self, part: DataPart) -> None:
        """Count some drives."""
        for column, attribute in enumerate(self._attributes):
            values = part.values[:, column]
            present = ~np.isnan(values)
            bins = _bins(values[present], attribute)
            label = part.label[present]
            for index, number in enumerate(_LABELS):
                counted = np.bincount(bins[label == number], minlength=_BINS)
                self._counts[column, index] += counted

    def all(self) -> list[ValueHistogram]:
        """Return the histograms of attributes with any value, without the empty bins at both ends."""
        found = []
        for attribute, counts in zip(self._attributes, self._counts, strict=True):
            used = np.flatnonzero(counts.sum(axis=0))
            if not used.size:
                continue
            first = 0 if ATTRIBUTES[attribute].counter else int(used[0])
            kept = slice(first, int(used[-1]) + 1)
            edges = _edges(attribute)[first : kept.stop + 1]
            found.append(ValueHistogram(attribute, edges, *counts[:, kept]))
        return found


def _bins(values: npt.NDArray[np.float64], attribute: int) -> npt.NDArray[np.int64]:
    if ATTRIBUTES[attribute].counter:
        # frexp is exact where log2 is rounded: value = m * 2**e with 0.5 <= m < 1, so 1 has e = 1.
        exponent = np.frexp(values)[1].astype(np.int64)
        return np.where(values < 1, 0, exponent)
    return np.minimum((values // LINEAR_WIDTH).astype(np.int64), _BINS - 1)


def _edges(attribute: int) -> npt.NDArray[np.float64]:
    numbers = np.arange(_BINS + 1, dtype=np.float64)
    if ATTRIBUTES[attribute].counter:
        return np.concatenate([[0.0], 2.0 ** numbers[:-1]])
    return numbers * LINEAR_WIDTH
