"""Calibration by two counts: as many failures expected as seen, of worn drive-days and of the others.

Maximum likelihood (`training.fitting.platt`) fits the curve where most drive-days are. Nine in ten show
nothing but zeros, and the drive-days that alarms are about then fail up to three times as often as said. A
sigmoid has two numbers; here they are chosen so that two sums come out right.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.optimize import brentq
from scipy.special import expit

from training.fitting.platt import Calibration, Floats, fit_platt

_SCALES = (0.05, 10.0)
_OFFSETS = (-200.0, 200.0)


def fit_matched(average: Floats, label: npt.NDArray[np.integer], worn: npt.NDArray[np.bool_]) -> Calibration:
    """Fit scale and offset so that expected and seen failures agree in both groups.

    Parameters
    ----------
    average : (n,) array of float64
        Uncalibrated log-odds of rows at natural prevalence.
    label : (n,) array of int
        0 or 1.
    worn : (n,) array of bool
        Whether an error counter is above zero.

    Returns
    -------
    Calibration
        Platt's where a group has no failures or nothing else, or no scale from 0.05 to 10 fits.
    """
    rows = pl.DataFrame({"average": average, "label": label, "worn": worn})
    pairs = rows.group_by("worn", "average").agg(pl.len(), pl.col("label").cast(pl.Int64).sum())
    clean, shown = (pairs.filter(pl.col("worn") == group).sort("average") for group in (False, True))

    def excess(group: pl.DataFrame, scale: float, offset: float) -> float:
        """Return expected less seen failures."""
        # A sum, not a product of vectors, which threads add up in an order of their own.
        expected = (group["len"].to_numpy() * expit(scale * group["average"].to_numpy() + offset)).sum()
        return float(expected) - float(group["label"].sum())

    def offset_for(scale: float) -> float:
        return float(brentq(lambda offset: excess(clean, scale, offset), *_OFFSETS))

    if any(not 0 < group["label"].sum() < group["len"].sum() for group in (clean, shown)):
        return fit_platt(average, label)
    ends = [excess(shown, scale, offset_for(scale)) for scale in _SCALES]
    if not ends[0] < 0 < ends[1]:
        return fit_platt(average, label)
    scale = float(brentq(lambda scale: excess(shown, scale, offset_for(scale)), *_SCALES))
    return Calibration(scale, offset_for(scale))
