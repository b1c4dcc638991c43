"""Failures expected and seen, by band of probability: whether 3 % means that three in a hundred fail."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from functions.scoring.model.quality import ProbabilityBand
from training.metrics.curves import Floats
from training.metrics.drive_weights import drive_weights, percentiles

EDGES = (0.0, 0.001, 0.01, 0.03, 0.1, 0.3, 1.0)
"""A band reaches from an edge up to the next; the last includes 1."""

CLAIMED_FROM = 0.01
"""The bands from here on are claimed to hold, together; below it most drive-days look alike."""


class Ratio(NamedTuple):
    """Failures seen over failures expected, and its 95 % interval by bootstrap over drives."""

    expected: float
    observed: int
    ratio: float | None
    ratio_95: tuple[float, float] | None


def probability_bands(
    drive: npt.NDArray[np.integer],
    label: npt.NDArray[np.integer],
    probability: Floats,
    *,
    resamples: int,
    seed: int,
) -> tuple[list[ProbabilityBand], Ratio]:
    """Count drive-days by band.

    Parameters
    ----------
    drive : (n,) array of int
        Number of each row's drive, from 0.
    label : (n,) array of int
        0 or 1.
    probability : (n,) array of float64

    Returns
    -------
    bands : list of ProbabilityBand
    above : Ratio
        Of the bands from `CLAIMED_FROM` on together.
    """
    number = np.clip(np.searchsorted(EDGES, probability, side="right") - 1, 0, len(EDGES) - 2)
    drives, bands = int(drive.max()) + 1, len(EDGES) - 1
    # Not by groups of polars: its threads add up in no fixed order.
    cell = drive.astype(np.int64) * bands + number
    expected, observed = (
        np.bincount(cell, part, minlength=drives * bands).reshape(drives, bands)
        for part in (probability, label)
    )
    rows = np.bincount(number, minlength=bands)
    weights = drive_weights(drives, resamples, seed)
    with threadpool_limits(limits=1):
        drawn = [(weight @ observed, weight @ expected) for weight in weights]
    seen, said = (np.concatenate(part) for part in zip(*drawn, strict=True))
    claimed = np.array(EDGES[:-1]) >= CLAIMED_FROM
    ratios = _ratio(seen, said)
    together = _ratio(seen[:, claimed].sum(axis=1), said[:, claimed].sum(axis=1))
    found = [
        ProbabilityBand(
            low=EDGES[band],
            high=EDGES[band + 1],
            rows=int(rows[band]),
            expected=round(float(expected[:, band].sum()), 3),
            observed=int(observed[:, band].sum()),
            ratio_95=percentiles(ratios[:, band]),
        )
        for band in range(bands)
    ]
    total_said, total_seen = float(expected[:, claimed].sum()), int(observed[:, claimed].sum())
    ratio = total_seen / total_said if total_said else None
    return found, Ratio(round(total_said, 3), total_seen, ratio, percentiles(together))


def _ratio(seen: Floats, said: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(said > 0, seen / said, np.nan))
