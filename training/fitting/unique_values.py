"""Decoded values of very many drive-days, each distinct combination held once.

Most drive-days show the same counters as thousands of others: all zero, or what they showed the day before.
Held once, the values of a whole quarter's fleet fit into memory, now and at every history window, and a row
needs no more than the number of its combination.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from functions.scoring.model.features import Feature
from training.fitting.observations import Observed, stack

Places = npt.NDArray[np.uint32]


class DistinctValues:
    """Combinations of decoded values, each once, by number; `distinct` and `merge` make them."""

    def __init__(self, observed: Observed) -> None:
        self._observed = observed

    def __len__(self) -> int:
        return len(self._observed.now)

    @property
    def attributes(self) -> tuple[int, ...]:
        """SMART attributes, the column order of the values."""
        return self._observed.attributes

    @property
    def now(self) -> npt.NDArray[np.float64]:
        """The values of the day itself, shape (combinations, k), NaN where missing."""
        return self._observed.now

    def observe(self, rows: npt.NDArray[np.integer]) -> Observed:
        """Return the values of drive-days, given by the numbers of their combinations."""
        earlier = {days: values[rows] for days, values in self._observed.earlier.items()}
        return Observed(self._observed.attributes, self._observed.now[rows], earlier)

    def without_history(self) -> DistinctValues:
        """Return the same drive-days as a fleet scored for the first time shows them."""
        return DistinctValues(self._observed.without_history())

    def standing_in(self, stand_ins: Mapping[int, int]) -> DistinctValues:
        """Return the same drive-days as a model with these stand-ins sees them."""
        return DistinctValues(self._observed.standing_in(stand_ins))

    def worn(self, attributes: Sequence[int]) -> npt.NDArray[np.bool_]:
        """Return for every combination whether one of these attributes is above zero on the day itself."""
        columns = [self.attributes.index(attribute) for attribute in attributes]
        return np.asarray((self.now[:, columns] > 0).any(axis=1))

    def select(
        self, rows: npt.NDArray[np.integer], features: Sequence[Feature]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64], npt.NDArray[np.intp]]:
        """Return what a model needs to score drive-days, (n,) numbers of combinations, none of these twice.

        Returns
        -------
        matrix : (m, len(features)) array of float32
            One row for every combination that occurs.
        counts : (m,) array of int64
            Drive-days of each.
        index : (n,) array of intp
            The row of the matrix that each drive-day is.
        """
        all_counts = np.bincount(rows, minlength=len(self))
        occurring = np.flatnonzero(all_counts)
        place_of = np.cumsum(all_counts > 0) - 1
        return self.observe(occurring).matrix(features), all_counts[occurring], place_of[rows]


def distinct(observed: Observed) -> tuple[DistinctValues, Places]:
    """Find the distinct combinations of values of n drive-days.

    Returned are the combinations in order of first appearance, and the number, (n,) of uint32, of each
    drive-day's.
    """
    flat = pl.from_numpy(np.hstack([observed.now, *observed.earlier.values()]))
    groups = flat.with_row_index("row").group_by(flat.columns, maintain_order=True).agg("row")
    numbers = np.arange(groups.height, dtype=np.uint32)
    rows = np.empty(flat.height, dtype=np.uint32)
    if groups.height:
        rows[groups["row"].explode().to_numpy()] = np.repeat(numbers, groups["row"].list.len().to_numpy())
    width = len(observed.attributes)
    values = groups.select(flat.columns).to_numpy().reshape(-1, flat.width)
    blocks = [np.ascontiguousarray(values[:, start : start + width]) for start in range(0, flat.width, width)]
    earlier = dict(zip(observed.earlier, blocks[1:], strict=True))
    return DistinctValues(Observed(observed.attributes, blocks[0], earlier)), rows


def merge(parts: Sequence[tuple[DistinctValues, Places]]) -> tuple[DistinctValues, list[Places]]:
    """Join the combinations of several parts of a fleet, all of the same attributes and windows.

    Returned are also the new numbers of every part's drive-days, arrays of uint32.
    """
    every = [values.observe(np.arange(len(values))) for values, _ in parts]
    values, numbers = distinct(stack(every))
    starts = np.cumsum([0, *(len(one) for one, _ in parts)])
    return values, [
        numbers[start : start + len(one)][rows] for start, (one, rows) in zip(starts, parts, strict=False)
    ]
