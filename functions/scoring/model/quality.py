"""How good the forecasts of one scope's drives proved to be, as a manifest records it."""

from __future__ import annotations

import msgspec


class LevelQuality(msgspec.Struct, frozen=True):
    """Alarms at one risk level, one decision a drive and month.

    Attributes
    ----------
    threshold : float
        Probability from which the level is reached: the served one.
    precision, recall : float or None
        Share of the flagged drives that failed within the horizon, and of the failing drives that were
        flagged; None where there is none to divide by.
    precision_95, recall_95 : (float, float) or None
        Their 95 % intervals.
    standing_per_10000 : float
        Drives of 10,000 at the level on the first day of a month.
    new_per_10000 : float
        Drives of 10,000 that reach it within the month and were below it on that day.
    """

    threshold: float
    precision: float | None
    recall: float | None
    precision_95: tuple[float, float] | None
    recall_95: tuple[float, float] | None
    standing_per_10000: float
    new_per_10000: float


class ProbabilityBand(msgspec.Struct, frozen=True):
    """Drive-days whose probability lies in [low, high): failures expected and seen.

    Attributes
    ----------
    expected : float
        Sum of the probabilities.
    observed : int
        Drive-days followed by a failure within the horizon.
    ratio_95 : (float, float) or None
        95 % interval of observed over expected, by bootstrap over drives.
    """

    low: float
    high: float
    rows: int
    expected: float
    observed: int
    ratio_95: tuple[float, float] | None = None


class ScopeQuality(msgspec.Struct, frozen=True):
    """The figures of one scope: `trained` or `similar` drives.

    Attributes
    ----------
    protocol : str
        Whose scores these are, of which days, decided how: what a figure is worth nothing without.
    drives, failing : int
        Drives, counted anew in every month, and those that failed within the horizon.
    prevalence : float
        The one over the other.
    levels : dict of str to LevelQuality
        By risk level.
    bands : list of ProbabilityBand
        Ascending.
    """

    protocol: str
    drives: int
    failing: int
    prevalence: float
    levels: dict[str, LevelQuality]
    bands: list[ProbabilityBand]
