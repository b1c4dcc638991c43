"""Scores as a scorer gives them, made up for tests of what is done with them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from functions.scoring.model.risk import UNKNOWN
from functions.scoring.model.scope import SIMILAR, TRAINED, UNKNOWN_SCOPE
from functions.scoring.model.scorer import Scores
from functions.scoring.report.fleet_day import UNITS, DriveCounts


def scores_of(
    probability: Sequence[float] | NDArray[np.float32],
    risk: Sequence[int],
    *,
    log_odds: Sequence[float] | None = None,
    history_days: Sequence[int] | None = None,
    similar: Sequence[bool] | None = None,
    calibrated: bool = False,
) -> Scores:
    """Make the scores of some rows; those of unknown risk have no probability, whatever is given."""
    codes = np.array(risk, dtype=np.int8)
    scope = np.where(codes == UNKNOWN, UNKNOWN_SCOPE, TRAINED).astype(np.int8)
    if similar is not None:
        scope[np.array(similar, dtype=bool) & (codes != UNKNOWN)] = SIMILAR
    chance = np.array(probability, dtype=np.float32)
    odds = np.array(np.zeros(len(chance)) if log_odds is None else log_odds, dtype=np.float32)
    chance[codes == UNKNOWN] = odds[codes == UNKNOWN] = np.nan
    return Scores(
        np.zeros((len(chance), 1), dtype=np.float32),
        odds,
        chance,
        codes,
        scope,
        (scope == TRAINED) | (calibrated & (scope == SIMILAR)),
        np.array([0] * len(chance) if history_days is None else history_days, dtype=np.int32),
    )


def drive_counts(drives: int, expected: float, variance: float | None = None) -> DriveCounts:
    """Make the counts of drives that were trained on, all of low risk."""
    spread = expected * 0.9 if variance is None else variance
    return DriveCounts(
        [drives, 0, 0, 0, 0], [drives, 0, 0], drives, round(expected * UNITS), round(spread * UNITS)
    )
