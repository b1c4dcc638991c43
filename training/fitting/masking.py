"""Hides part of what training rows show, so that the model also learns to answer with less.

A fleet that is scored for the first time has no history, a new one has a week of it, and other drive models
do not report every attribute. What is hidden from a row depends on drive, day and seed only.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from training.fitting.observations import Observed
from training.protocol.stable_hash import drive_day_hash, unit_interval

NO_HISTORY = 0.15
"""Share of rows shown without any history."""

NO_LONG_HISTORY = 0.10
"""Share of rows shown without the longest history window, beside those without any."""

NO_TIMEOUTS_AND_ERRORS = 0.10
"""Share of rows shown without 187 and 188, which many vendors' drives do not report."""

NO_ATTRIBUTE = 0.03
"""Share of rows from which each attribute is hidden, each by itself."""

_VENDOR_SPECIFIC = (187, 188)


def hide_some(observed: Observed, serials: pl.Series, dates: pl.Series, seed: int) -> Observed:
    """Return drive-days with values replaced by NaN at random.

    Parameters
    ----------
    observed : Observed
        Left as it is.
    """

    def chance(purpose: str) -> npt.NDArray[np.float64]:
        return unit_interval(drive_day_hash(serials, dates, seed, purpose))

    now = observed.now.copy()
    earlier = {days: values.copy() for days, values in observed.earlier.items()}
    history = chance("hide history")
    for values in earlier.values():
        values[history < NO_HISTORY] = np.nan
    if earlier:
        earlier[max(earlier)][history < NO_HISTORY + NO_LONG_HISTORY] = np.nan
    vendor = chance("hide 187 and 188") < NO_TIMEOUTS_AND_ERRORS
    for column, attribute in enumerate(observed.attributes):
        hidden = chance(f"hide {attribute}") < NO_ATTRIBUTE
        if attribute in _VENDOR_SPECIFIC:
            hidden |= vendor
        for values in (now, *earlier.values()):
            values[hidden, column] = np.nan
    return Observed(observed.attributes, now, earlier)
