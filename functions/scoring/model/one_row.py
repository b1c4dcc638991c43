"""One drive-day by itself: the steps of a batch without arrays, whose calls cost more than their work here.

Every step has its twin among the rules for many: `decode`, `FeaturePlan.matrix`, `Model.predict`,
`risk_codes`. Results are theirs for the drive among others, bit for bit.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from functools import lru_cache
from operator import sub
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from functions.scoring.model.features import age_among
from functions.scoring.model.reasons import Reason, reasons_of_row
from functions.scoring.model.risk import LEVELS, UNKNOWN, Risk
from functions.scoring.smart import ATTRIBUTES, vendor_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from functions.scoring.model.features import FeaturePlan
    from functions.scoring.model.scorer import Lap, Scorer
    from functions.scoring.smart import Vendor

    type Raw = Sequence[float | None] | NDArray[np.float64]

UNPACKINGS: dict[str, Callable[[float], float]] = {
    "tempminmax": lambda raw: raw % 256.0,
    "raw16": lambda raw: raw % 65536.0,
    "raw16(raw16)": lambda raw: raw % 65536.0,
    "raw24(raw8)": lambda raw: raw % 16777216.0,
    "raw24/raw32": lambda raw: raw // 4294967296.0,
}
"""`functions.scoring.smart.PACKINGS` for one value; a value that is packed whole is its own."""

TABLED = 1024
"""Counts below it have their log1p looked up: most counts of most drives."""


class OneRow(msgspec.Struct, gc=False):
    """One drive-day, decoded and scored.

    Attributes
    ----------
    now : list of float
        Decoded values of the model's attributes, NaN where missing.
    earlier : dict of int to list of float
        Decoded values of the earlier row used, by history window.
    ages : dict of int to int
        Age of that row in days, by history window.
    features : (1, f) array of float32
    """

    now: list[float]
    earlier: dict[int, list[float]]
    ages: dict[int, int]
    features: NDArray[np.float32]
    probability: np.float32
    risk: Risk


def score_row(model: str, raw: Raw, history: Sequence[tuple[int, Raw]], scorer: Scorer, lap: Lap) -> OneRow:
    """Decode and score one drive-day.

    Parameters
    ----------
    model : str
        The drive's model, which says how its raw values are packed.
    raw : sequence of float or None, length k
        Raw values of `Scorer.attributes`; None or NaN where missing.
    history : sequence of (int, sequence)
        Age in days and raw values of the drive's earlier rows.
    lap : callable
        Called when the stages ``features`` and ``model`` end.
    """
    plan = scorer.model.plan
    vendor = vendor_of(model)
    now = decode_row(raw, plan.attributes, vendor)
    earlier: dict[int, list[float]] = {}
    ages: dict[int, int] = {}
    if history:
        by_age = dict(history)
        for days, served_by in plan.ages:
            age = age_among(served_by, by_age)
            if age is None:
                continue
            values = decode_row(by_age[age], plan.attributes, vendor)
            if any(value == value for value in values):  # noqa: PLR0124 - NaN is not equal to itself
                earlier[days], ages[days] = values, age
    features = feature_row(plan, now, earlier)
    lap("features")
    probability: np.float32 = scorer.model.predict(features)[1][0]
    lap("model")
    return OneRow(now, earlier, ages, features, probability, _risk(float(probability), now, scorer))


def explain_row(row: OneRow, scorer: Scorer) -> list[Reason]:
    """Return the reasons of a scored row, the strongest first."""
    (contributions,) = scorer.explainer.contributions(row.features)
    attributes = scorer.attributes
    earlier = [(age, dict(zip(attributes, row.earlier[days], strict=True))) for days, age in row.ages.items()]
    now = dict(zip(attributes, row.now, strict=True))
    return reasons_of_row(contributions, scorer.explainer.attributes, now, earlier)


def decode_row(raw: Raw, attributes: tuple[int, ...], vendor: Vendor) -> list[float]:
    """Decode the raw values of one row as `functions.scoring.smart.decode` does of many."""
    values = raw.tolist() if isinstance(raw, np.ndarray) else raw
    decoded = [math.nan if value is None else value + 0.0 for value in values]
    for column, unpack in _decoders(attributes, vendor):
        decoded[column] = unpack(decoded[column])
    return decoded


@lru_cache(maxsize=64)
def _decoders(attributes: tuple[int, ...], vendor: Vendor) -> list[tuple[int, Callable[[float], float]]]:
    """Return the columns whose raw values are not whole on a vendor's drives, with their decoders."""
    rules = [ATTRIBUTES[attribute].rule(vendor) for attribute in attributes]
    return [(column, UNPACKINGS[rule]) for column, rule in enumerate(rules) if rule != "raw48"]


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


def _risk(probability: float, now: Sequence[float], scorer: Scorer) -> Risk:
    """Return the risk level as `functions.scoring.model.risk.risk_codes` does of many."""
    # A generator for any() would cost more than the look.
    for column in scorer.evidence:
        if now[column] == now[column]:
            thresholds = scorer.model.manifest.thresholds
            return LEVELS[
                bisect_right((thresholds.medium, thresholds.high, thresholds.critical), probability)
            ]
    return LEVELS[UNKNOWN]
