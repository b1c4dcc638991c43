"""Attributes that stand in for others that a drive does not report, now and in its history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray


class StandIns:
    """The stand-ins of one model version: attributes that are read, and those its features are made of.

    Parameters
    ----------
    wanted : sequence of int
        SMART attributes of the features, ascending.
    stand_ins : mapping of int to int
        By attribute, the one whose value is taken where that is missing.

    Attributes
    ----------
    attributes : tuple of int
        All to be read of a drive, ascending.
    by_attribute : dict of int to int
        The stand-ins of wanted attributes.
    columns : dict of int to int
        Where each wanted attribute stands among *attributes*, in the order of *wanted*.
    pairs : list of (int, int)
        Column among the wanted ones, and the column of its stand-in among *attributes*.
    """

    def __init__(self, wanted: Sequence[int], stand_ins: Mapping[int, int]) -> None:
        self.by_attribute = {each: stand_ins[each] for each in wanted if each in stand_ins}
        self.attributes = tuple(sorted({*wanted, *self.by_attribute.values()}))
        self.columns = {each: self.attributes.index(each) for each in wanted}
        self.pairs = [
            (column, self.attributes.index(self.by_attribute[each]))
            for column, each in enumerate(wanted)
            if each in self.by_attribute
        ]

    def fill(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the values of the wanted attributes, (n, w), given those of all that are read, (n, k)."""
        if not self.pairs:
            return values
        filled = values[:, list(self.columns.values())]
        for column, other in self.pairs:
            missing = np.isnan(filled[:, column])
            filled[missing, column] = values[missing, other]
        return filled
