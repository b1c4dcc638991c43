"""Which attributes drives report, period by period."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from training.exploration.part import DataPart


class Missing:
    """Counts missing values.

    Attributes
    ----------
    counts : dict of int to (k,) array of int64
        Drive-days without a value, by period and attribute.
    """

    def __init__(self) -> None:
        self.counts: dict[int, npt.NDArray[np.int64]] = {}

    def add(self, part: DataPart) -> None:
        """Count some drives."""
        period = part.frame["period"].to_numpy()
        for number in np.unique(period):
            absent = np.isnan(part.values[period == number]).sum(axis=0)
            self.counts[int(number)] = self.counts.get(int(number), 0) + absent
