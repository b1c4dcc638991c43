"""Other fleets' drive models, scored forward in time by models that were not fitted on them.

Time is cut into blocks. The drives of a block are scored by a linear member that was fitted, in folds by
serial number, on what was known before the block, joined with the trees of the main fleet. These know other
drives of other models, and later days: those of the main fleet.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from training.fitting.feature_sets import WITH_CHANGES
from training.fitting.fleet import ExtraFleet, Fleet
from training.fitting.fleet_draws import fleet_draws
from training.fitting.members import decision, fit_blend, linear_seed
from training.protocol.periods import find_periods
from training.selection.out_of_fold import FOLDS, Scored, folds_of

BLOCK_STARTS = (3, 7, 11)
"""Months whose first day begins a block, four months long."""

LEARNING_DAYS = 365
"""Telemetry of a fleet before its first block: a model needs a year of it to say something of the next."""


def score_similar(fleet: Fleet, trees: Sequence[Any], linear_share: float, *, seed: int) -> Scored | None:
    """Score every labelled row of drive models that the main fleet does not train, block by block.

    Parameters
    ----------
    trees : sequence of fitted classifiers
        The boosted members of the release.

    Returns
    -------
    Scored or None
        With ``block`` (Date, the block's first day) in its frame; None where no other fleet is long enough,
        or none of its other drive models has a failing drive. Of several fleets, the one with most rows.
    """
    found = [one for extra in fleet.extra if (one := _score_fleet(fleet, extra, trees, linear_share, seed))]
    return max(found, key=lambda one: one.frame.height, default=None)


def blocks_of(first: dt.date, last: dt.date) -> list[tuple[dt.date, dt.date]]:
    """Return first and last day of every block of a fleet whose labelled days are given."""
    begin = first + dt.timedelta(days=LEARNING_DAYS)
    starts = [
        dt.date(year, month, 1)
        for year in range(begin.year, last.year + 2)
        for month in BLOCK_STARTS
        if dt.date(year, month, 1) >= begin
    ]
    day = dt.timedelta(days=1)
    return [
        (start, min(following - day, last))
        for start, following in itertools.pairwise(starts)
        if start <= last
    ]


def _score_fleet(
    fleet: Fleet, extra: ExtraFleet, trees: Sequence[Any], linear_share: float, seed: int
) -> Scored | None:
    rows = extra.days.rows.filter(~pl.col("model").cast(pl.String).is_in(fleet.drive_models))
    blocks = [block for period in find_periods(extra.days.rows["date"]) for block in blocks_of(*period[1:])]
    if not blocks or not rows["label"].sum():
        return None
    drawn = fleet_draws(fleet, fleet.trainable(), None).pooled(linear_seed(seed))
    fold = folds_of(drawn.serials, seed)
    horizon = dt.timedelta(days=fleet.horizon_days)
    parts, scores = [], []
    for first, last in blocks:
        part = rows.filter(pl.col("date").is_between(first, last)).with_columns(block=pl.lit(first))
        matrix, _, index = extra.values.select(part["row"].to_numpy(), WITH_CHANGES)
        known = (drawn.dates < first - horizon).to_numpy()
        mine = folds_of(part["serial_number"], seed)
        average = np.zeros(part.height)
        for number in range(FOLDS):
            kept = (drawn.fleet == 0) | (known & (fold != number))
            model = fit_blend(drawn.select(kept), WITH_CHANGES, trees, linear_share)
            of_fold = mine == number
            average[of_fold] = decision(model, matrix)[index[of_fold]]
        parts.append(part)
        scores.append(average)
    return Scored(pl.concat(parts), np.concatenate(scores), extra.values, extra.days.values)
