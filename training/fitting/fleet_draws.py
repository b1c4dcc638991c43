"""Draws of a fleet's rows for fitting, and of the other fleets' beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import polars as pl

from training.fitting.fleet import Fleet
from training.fitting.training_rows import Draw, Draws, drawer

type Keep = Callable[[pl.DataFrame], pl.DataFrame]
"""Chooses rows."""


def fleet_draws(fleet: Fleet, own: pl.DataFrame, before: dt.date | None, keep: Keep | None = None) -> Draws:
    """Return draws of rows of the main fleet, and of what the other fleets knew on a day.

    Parameters
    ----------
    own : polars.DataFrame
        Rows of the main fleet.
    before : datetime.date or None
        Rows of other fleets from this day on are left out; None to leave out none.
    keep : callable, optional
        Chooses among the rows of the other fleets, such as those of drives that are not scored.
    """
    return Draws(drawer(own, fleet.values, fleet.horizon_days), other_draws(fleet, before, keep))


def other_draws(
    fleet: Fleet, before: dt.date | None, keep: Keep | None = None
) -> tuple[tuple[Draw, float], ...]:
    """Return the part of `fleet_draws` that is of other fleets; one without a failing drive is left out."""
    draws = []
    for extra in fleet.extra:
        rows = extra.trainable(before)
        if keep is not None:
            rows = keep(rows)
        if rows["label"].sum():
            draws.append((drawer(rows, extra.values, fleet.horizon_days), extra.weight))
    return tuple(draws)
