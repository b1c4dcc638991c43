"""One drive by itself: the steps of a batch without arrays, whose calls cost more than their work here.

What comes out is what `functions.scoring.online.forecast.observe` and `Scorer.score` give for the drive among
others, bit by bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from functions.scoring.model.features import age_among
from functions.scoring.model.reasons import Reason, reasons_of_row
from functions.scoring.model.risk import Risk, risk_level
from functions.scoring.smart import decode_row, vendor_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from functions.scoring.model.scorer import Lap, Scorer
    from functions.scoring.online.request_parser import Drive


class LoneDrive(msgspec.Struct, gc=False):
    """One drive, observed and scored.

    Attributes
    ----------
    now : list of float
        Decoded values of the model's attributes, NaN where missing.
    earlier : dict of int to list of float
        The same of the earlier row used, by history window.
    ages : dict of int to int
        Age of that row in days, by history window.
    features : (1, f) array of float32
    probability : float32
    risk : str
    """

    now: list[float]
    earlier: dict[int, list[float]]
    ages: dict[int, int]
    features: NDArray[np.float32]
    probability: np.float32
    risk: Risk


def score_lone_drive(drive: Drive, scorer: Scorer, lap: Lap) -> LoneDrive:
    """Observe and score a drive; *lap* is told when the stages ``features`` and ``model`` end."""
    plan = scorer.model.plan
    vendor = vendor_of(drive.model)
    now = decode_row(drive.raw, plan.attributes, vendor)
    earlier: dict[int, list[float]] = {}
    ages: dict[int, int] = {}
    if drive.history:
        by_age = dict(drive.history)
        for days, served_by in plan.ages:
            age = age_among(served_by, by_age)
            if age is None:
                continue
            values = decode_row(by_age[age], plan.attributes, vendor)
            if any(value == value for value in values):  # noqa: PLR0124 - NaN is not equal to itself
                earlier[days], ages[days] = values, age
    features = plan.row(now, earlier)
    lap("features")
    probability = scorer.model.probability_of_one(features)
    lap("model")
    risk = risk_level(float(probability), scorer.tells(now), scorer.model.manifest.thresholds)
    return LoneDrive(now, earlier, ages, features, probability, risk)


def reasons_of_lone_drive(lone: LoneDrive, scorer: Scorer) -> list[Reason]:
    """Return the drive's reasons, the strongest first."""
    (contributions,) = scorer.explainer.contributions(lone.features)
    attributes = scorer.attributes
    earlier = [
        (age, dict(zip(attributes, lone.earlier[days], strict=True))) for days, age in lone.ages.items()
    ]
    now = dict(zip(attributes, lone.now, strict=True))
    return reasons_of_row(contributions, scorer.explainer.attributes, now, earlier)
