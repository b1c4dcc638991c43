"""The rows a model is fitted on: every positive, some of the others, weighted, part of each hidden."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from training.fitting.masking import hide_some
from training.fitting.observations import Observed, stack
from training.fitting.unique_values import DistinctValues
from training.protocol.labels import HORIZON_DAYS
from training.protocol.sampling import sample_negatives

WORN_RATE, CLEAN_RATE = 0.08, 0.01
"""Shares of negative drive-days kept: of drives with an error counter above zero, and of the others.

Most drive-days show nothing but zeros and teach the same thing; weights keep the totals right.
"""

NEARNESS_DAYS = 10.0
"""A positive row weighs exp(-days to failure / this): tomorrow's failure teaches more than next month's."""


@dataclass(frozen=True)
class TrainingRows:
    """Rows to fit on.

    Attributes
    ----------
    observed : Observed
        With values hidden at random.
    label : (n,) array of int8
    weight : (n,) array of float64
    fleet : (n,) array of int8
        0 for the main fleet, then the others as they are numbered in `Draws`.
    """

    serials: pl.Series
    dates: pl.Series
    observed: Observed
    label: npt.NDArray[np.int8]
    weight: npt.NDArray[np.float64]
    fleet: npt.NDArray[np.int8]

    def select(self, kept: npt.NDArray[np.bool_]) -> TrainingRows:
        """Return some of the rows: those that a draw of fewer drives or days would have had."""
        return TrainingRows(
            serials=self.serials.filter(pl.Series(kept)),
            dates=self.dates.filter(pl.Series(kept)),
            observed=self.observed.select(kept),
            label=self.label[kept],
            weight=self.weight[kept],
            fleet=self.fleet[kept],
        )


type Draw = Callable[[int], TrainingRows]
"""Draws training rows with a seed; another seed keeps other negatives and hides other values."""


_DRAWS_KEPT = 4
"""The members of a bag and the linear models of one seed share draws; each is made once."""


def drawer(labelled: pl.DataFrame, values: DistinctValues, horizon_days: int = HORIZON_DAYS) -> Draw:
    """Prepare to draw from labelled drive-days.

    Parameters
    ----------
    labelled : polars.DataFrame
        serial_number, date, label, days_to_failure and ``row``, the number of the combination of values.
    """
    worn = pl.Series("worn", (values.now > 0).any(axis=1)[labelled["row"].to_numpy()])
    frame = labelled.select("serial_number", "date", "label", "days_to_failure", "row").with_columns(worn)
    parts = [(frame.filter("worn"), WORN_RATE), (frame.filter(~pl.col("worn")), CLEAN_RATE)]

    def draw(seed: int) -> TrainingRows:
        rows = pl.concat([sample_negatives(part, rate=rate, seed=seed) for part, rate in parts])
        rows = rows.sort("serial_number", "date")
        observed = values.observe(rows["row"].to_numpy())
        label = rows["label"].to_numpy()
        near = nearness(rows["days_to_failure"].fill_null(0).to_numpy(), horizon_days)
        return TrainingRows(
            serials=rows["serial_number"].cast(pl.String),
            dates=rows["date"],
            observed=hide_some(observed, rows["serial_number"], rows["date"], seed),
            label=label,
            weight=rows["weight"].to_numpy() * np.where(label == 1, near, 1.0),
            fleet=np.zeros(len(label), dtype=np.int8),
        )

    return lru_cache(_DRAWS_KEPT)(draw)


@dataclass(frozen=True)
class Draws:
    """Draws that a candidate is fitted on.

    Attributes
    ----------
    own : Draw
        Of the fleet to forecast for.
    others : tuple of (Draw, float)
        Of other fleets, with what each of their rows weighs. Only a pooled linear member sees them.
    """

    own: Draw
    others: tuple[tuple[Draw, float], ...] = ()

    def pooled(self, seed: int) -> TrainingRows:
        """Draw from all fleets."""
        drawn = [(self.own(seed), 1.0), *((other(seed), weight) for other, weight in self.others)]
        sizes = [len(rows.label) for rows, _ in drawn]
        return TrainingRows(
            serials=pl.concat([rows.serials for rows, _ in drawn]),
            dates=pl.concat([rows.dates for rows, _ in drawn]),
            observed=stack([rows.observed for rows, _ in drawn]),
            label=np.concatenate([rows.label for rows, _ in drawn]),
            weight=np.concatenate([rows.weight * weight for rows, weight in drawn]),
            fleet=np.repeat(np.arange(len(drawn), dtype=np.int8), sizes),
        )


def nearness(days_to_failure: npt.NDArray[np.integer], horizon_days: int) -> npt.NDArray[np.float64]:
    """Return the weights of positive rows; on average 1 over a drive seen daily for its last horizon."""
    days = np.arange(1, horizon_days + 1)
    mean = np.exp(-days / NEARNESS_DAYS).mean()
    return np.asarray(np.exp(-days_to_failure / NEARNESS_DAYS) / mean)
