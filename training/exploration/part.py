"""Some drives' telemetry, decoded and labelled, as every figure of the report takes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from training.fitting.observations import FleetHistory
from training.protocol.labelled_shards import LabelledShard
from training.protocol.periods import assign_periods

UNKNOWN = -1
"""Label of a drive-day whose outcome is not known."""


@dataclass(frozen=True)
class DataPart:
    """Some drives of a fleet; no drive is in two parts.

    Attributes
    ----------
    frame : polars.DataFrame
        Their n drive-days with ``period``.
    attributes : tuple of int
        SMART attributes, the order of columns of ``values``.
    values : (n, k) array of float64
        Decoded values, NaN where missing.
    label : (n,) array of int8
        1 when the drive fails within the horizon, 0 when not, `UNKNOWN`.
    """

    frame: pl.DataFrame
    attributes: tuple[int, ...]
    values: npt.NDArray[np.float64]
    label: npt.NDArray[np.int8]

    @classmethod
    def of(cls, shard: LabelledShard, attributes: Sequence[int]) -> DataPart:
        """Decode and label a shard."""
        label = np.full(shard.frame.height, UNKNOWN, dtype=np.int8)
        label[shard.rows["row"].to_numpy()] = shard.rows["label"].to_numpy()
        values = np.empty((shard.frame.height, 0))
        if attributes:
            values = FleetHistory(shard.frame, attributes).values
        return cls(assign_periods(shard.frame, days=shard.days), tuple(attributes), values, label)
