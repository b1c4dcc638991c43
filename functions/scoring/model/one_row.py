"""One drive-day by itself: the steps of a batch without arrays, whose calls cost more than their work here.

Every step has its twin among the rules for many: `decode`, `StandIns.fill`, `FeaturePlan.matrix`,
`Model.predict`, `ScopeRule.of_rows`, `risk_codes`. Results are theirs for the drive among others, bit for
bit.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from operator import sub
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from functions.scoring.model.calibration import calibrate
from functions.scoring.model.features import age_among
from functions.scoring.model.reasons import Reason, reasons_of_row
from functions.scoring.model.risk import LEVELS, UNKNOWN, Risk
from functions.scoring.model.scope import SIMILAR, UNKNOWN_SCOPE
from functions.scoring.raw_values import decode_row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from functions.scoring.model.features import FeaturePlan
    from functions.scoring.model.manifest import Thresholds
    from functions.scoring.model.scope import ScopeRule
    from functions.scoring.model.scorer import Lap, Scorer
    from functions.scoring.model.stand_ins import StandIns

    type Raw = Sequence[float | None] | NDArray[np.float64]

_NAN = np.float32(np.nan)

TABLED = 1024
"""Counts below it have their log1p looked up: most counts of most drives."""


class OneRow(msgspec.Struct, gc=False):
    """One drive-day, decoded and scored.

    Attributes
    ----------
    now : list of float
        Decoded values of the scorer's attributes, NaN where missing.
    earlier : dict of int to list of float
        Decoded values of the earlier row used, by history window.
    ages : dict of int to int
        Age of that row in days, by history window.
    features : (1, f) array of float32
    log_odds, probability : float32
        NaN where the scope is unknown.
    scope : int
        Index into `functions.scoring.model.scope.SCOPES`.
    """

    now: list[float]
    earlier: dict[int, list[float]]
    ages: dict[int, int]
    features: NDArray[np.float32]
    log_odds: np.float32
    probability: np.float32
    risk: Risk
    scope: int


def score_row(
    layout: int,
    by_name: int,
    raw: Raw,
    history: Sequence[tuple[int, Raw]],
    scorer: Scorer,
    lap: Lap,
) -> OneRow:
    """Decode and score one drive-day.

    Parameters
    ----------
    layout : int
        How the drive's raw values are packed: `functions.scoring.drive_database.DriveFacts.layout`.
    by_name : int
        See `functions.scoring.model.scope.ScopeRule.of_model`.
    raw : sequence of float or None, length k
        Raw values of `Scorer.attributes`; None or NaN where missing.
    history : sequence of (int, sequence)
        Age in days and raw values of the drive's earlier rows.
    lap : callable
        Called when the stages ``features`` and ``model`` end.
    """
    plan = scorer.model.plan
    now = decode_row(raw, scorer.attributes, layout)
    earlier: dict[int, list[float]] = {}
    ages: dict[int, int] = {}
    if history:
        by_age = dict(history)
        for days, served_by in plan.ages:
            age = age_among(served_by, by_age)
            if age is None:
                continue
            values = decode_row(by_age[age], scorer.attributes, layout)
            if any(value == value for value in values):  # noqa: PLR0124 - NaN is not equal to itself
                earlier[days], ages[days] = values, age
    if scorer.stand_ins.pairs:
        before = {days: fill_row(values, scorer.stand_ins) for days, values in earlier.items()}
        features = feature_row(plan, fill_row(now, scorer.stand_ins), before)
    else:
        features = feature_row(plan, now, earlier)
    lap("features")
    log_odds, probability = scorer.model.predict(features)
    lap("model")
    scope = scope_of_row(scorer.scopes, by_name, now)
    thresholds = scorer.model.manifest.thresholds
    if scope == UNKNOWN_SCOPE:
        return OneRow(now, earlier, ages, features, _NAN, _NAN, LEVELS[UNKNOWN], scope)
    if scope == SIMILAR and scorer.similar is not None:
        log_odds, probability = calibrate(log_odds, scorer.similar.calibration)
        thresholds = scorer.similar.thresholds
    risk = _risk(float(probability[0]), thresholds)
    return OneRow(now, earlier, ages, features, log_odds[0], probability[0], risk, scope)


def explain_row(row: OneRow, scorer: Scorer) -> list[Reason]:
    """Return the reasons of a scored row, the strongest first; none where its scope is unknown."""
    if row.scope == UNKNOWN_SCOPE:
        return []
    (contributions,) = scorer.contributions(row.features, np.array([row.scope], dtype=np.int8))
    attributes = scorer.attributes
    earlier = [(age, dict(zip(attributes, row.earlier[days], strict=True))) for days, age in row.ages.items()]
    now = dict(zip(attributes, row.now, strict=True))
    explained = scorer.explainer.attributes
    return reasons_of_row(contributions, explained, now, earlier, scorer.stand_ins.by_attribute)


def _tabled_logs() -> dict[float, float]:
    """Return sign(x) log(1 + abs(x)) of whole numbers below `TABLED`, as numpy has it; NaN is in it too."""
    counts = np.arange(TABLED, dtype=np.float64)
    logs = dict(zip(counts.tolist(), np.log1p(counts).tolist(), strict=True))
    return {-count: -log for count, log in logs.items()} | logs | {math.nan: math.nan}


_LOGS = _tabled_logs()


def feature_row(
    plan: FeaturePlan, now: list[float], earlier: Mapping[int, list[float]]
) -> NDArray[np.float32]:
    """Build the model's input for one drive-day, (1, f), as `FeaturePlan.matrix` does for many.

    Parameters
    ----------
    now : list of float, length len(plan.attributes)
        Decoded values, of which none is -0.
    earlier : mapping of int to list of float
        Those of earlier rows, by history window.
    """
    stacked = now.copy()
    for days, _ in plan.ages:
        before = earlier.get(days)
        stacked += [math.nan] * len(now) if before is None else map(sub, now, before)
    if plan.all_logged:
        try:
            return np.array([[_LOGS[stacked[column]] for column in plan.sources]], dtype=np.float32)
        except KeyError:  # a large count, or a NaN that came of a difference
            pass
    return plan.transform(np.array([[stacked[column] for column in plan.sources]]))


def fill_row(values: list[float], stand_ins: StandIns) -> list[float]:
    """Return the values of the features' attributes as `StandIns.fill` does of many."""
    filled = [values[column] for column in stand_ins.columns.values()]
    for column, other in stand_ins.pairs:
        if filled[column] != filled[column]:  # NaN is not equal to itself
            filled[column] = values[other]
    return filled


def scope_of_row(rule: ScopeRule, by_name: int, now: Sequence[float]) -> int:
    """Return the code of the scope as `ScopeRule.of_rows` does of many."""
    # A generator for any() would cost more than the look.
    for column in rule.columns:
        if now[column] == now[column]:
            return by_name
    return UNKNOWN_SCOPE


def _risk(probability: float, thresholds: Thresholds) -> Risk:
    """Return the risk level as `functions.scoring.model.risk.risk_codes` does of many."""
    return LEVELS[bisect_right((thresholds.medium, thresholds.high, thresholds.critical), probability)]
