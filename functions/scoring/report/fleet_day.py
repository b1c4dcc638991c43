"""The fleet on one date: the report and the summary count drives, not rows.

A file may hold many days of the same drives. Adding up the probabilities of all its rows would count a drive
once a day, so forecasts are made of one date alone, on which a drive has one row; see `reported_day`.

A `FleetDay` counts one block or one range and is merged with others, exactly and in any order. Its size has a
bound, whatever the file's: `MOST_MODELS` drive models and `MOST_WORST` drives.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from functions.scoring.model.risk import LEVELS
from functions.scoring.model.scope import SCOPES
from functions.scoring.report.top_drives import WorstDrive, worst_drives

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from functions.scoring.csv.parser import Rows
    from functions.scoring.model.reasons import Reason
    from functions.scoring.model.scorer import Scores

UNITS = 2**32
"""Probabilities are added up as whole multiples of 2**-32: without rounding, hence in any order."""

MOST_WORST = 50
"""Drives listed in a report, the riskiest first."""

MOST_MODELS = 200
"""Drive models counted apart: those whose names come first, by code point. The others are counted together.

Which names come first does not depend on how a file is cut: a name that is among the first of the whole file
is among the first of every part that has it, so its counts are complete.
"""

EDGES = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3)
"""Between the bins of the probability histogram: about two a decade."""

BINS = len(EDGES) + 1

KEPT_DATES = 3
"""Dates of a file whose drives are counted: the latest. More than one, so that a few rows with a date too
late (a clock that is wrong, a collection that ran past midnight) do not stand for the fleet."""

FULL_SHARE = 0.5
"""Share of the rows of a file's fullest date from which on a date stands for the fleet."""


class DriveCounts(msgspec.Struct):
    """Some drives, counted.

    Attributes
    ----------
    risk : list of int
        Drives by level, in the order of `functions.scoring.model.risk.LEVELS`.
    scope : list of int
        Drives by scope, in the order of `functions.scoring.model.scope.SCOPES`.
    counted : int
        Drives whose probability stands, see `functions.scoring.model.scorer.Scores.counted`: those of the
        two sums.
    expected : int
        Sum of the probabilities p, in `UNITS`.
    variance : int
        Sum of p (1 - p), in `UNITS`: the variance of the number of failures of independent drives.
    """

    risk: list[int]
    scope: list[int]
    counted: int
    expected: int
    variance: int

    @property
    def drives(self) -> int:
        """How many."""
        return sum(self.risk)

    @property
    def expected_failures(self) -> float:
        """Failures to expect within the horizon."""
        return self.expected / UNITS

    def plus(self, other: DriveCounts) -> DriveCounts:
        """Return the counts of both."""
        return DriveCounts(
            [mine + theirs for mine, theirs in zip(self.risk, other.risk, strict=True)],
            [mine + theirs for mine, theirs in zip(self.scope, other.scope, strict=True)],
            self.counted + other.counted,
            self.expected + other.expected,
            self.variance + other.variance,
        )


def no_drives() -> DriveCounts:
    """Return the counts of no drives."""
    return DriveCounts([0] * len(LEVELS), [0] * len(SCOPES), 0, 0, 0)


class FleetDay(msgspec.Struct, frozen=True):
    """Drives of one date.

    Attributes
    ----------
    histogram : list of int
        Drives by bin of probability, see `EDGES`; without those of unknown risk.
    models : dict of str to DriveCounts
        By drive model, at most `MOST_MODELS`, in the order of their names; *others* has all further ones.
    worst : list of WorstDrive
        At most `MOST_WORST`, the riskiest first.
    """

    histogram: list[int]
    models: dict[str, DriveCounts]
    others: DriveCounts
    worst: list[WorstDrive]

    @classmethod
    def of_block(
        cls,
        date: np.datetime64,
        rows: Rows,
        models: pa.DictionaryArray,
        scores: Scores,
        reasons: Mapping[int, Sequence[Reason]],
    ) -> FleetDay:
        """Count the rows of one date of a block; *models* are the drive models of all its rows."""
        of_date = None if (rows.dates == date).all() else np.flatnonzero(rows.dates == date)
        probability = scores.probability if of_date is None else scores.probability[of_date]
        known = probability[~np.isnan(probability)].astype(np.float64)
        bins = np.searchsorted(EDGES, known, side="right")
        kept, others = _limit_models(_by_model(models, scores, of_date))
        return cls(
            np.bincount(bins, minlength=BINS).tolist(),
            kept,
            others,
            worst_drives(MOST_WORST, rows, scores, reasons, of_date),
        )

    def merge(self, other: FleetDay) -> FleetDay:
        """Return the drives of both parts, of the same date; which comes first makes no difference."""
        models = dict(self.models)
        for name, counts in other.models.items():
            models[name] = models[name].plus(counts) if name in models else counts
        kept, others = _limit_models(models)
        return FleetDay(
            [mine + theirs for mine, theirs in zip(self.histogram, other.histogram, strict=True)],
            kept,
            others.plus(self.others).plus(other.others),
            # Both are sorted already, which is what sorting is quickest at.
            sorted([*self.worst, *other.worst], reverse=True)[:MOST_WORST],
        )

    @property
    def whole(self) -> DriveCounts:
        """All drives."""
        return list(accumulate(self.models.values(), DriveCounts.plus, initial=self.others))[-1]


def days_of_block(
    dates: NDArray[np.datetime64],
    rows: Rows,
    models: pa.DictionaryArray,
    scores: Scores,
    reasons: Mapping[int, Sequence[Reason]],
) -> dict[str, FleetDay]:
    """Count the latest dates of a block, given all its dates, ascending."""
    return {str(date): FleetDay.of_block(date, rows, models, scores, reasons) for date in dates[-KEPT_DATES:]}


def merged_days(mine: Mapping[str, FleetDay], theirs: Mapping[str, FleetDay]) -> dict[str, FleetDay]:
    """Return the latest dates of both parts; their order makes no difference.

    A date that is among the latest of the whole file is among the latest of every part that has it.
    """
    days = dict(mine)
    for date, day in theirs.items():
        days[date] = days[date].merge(day) if date in days else day
    return {date: days[date] for date in sorted(days)[-KEPT_DATES:]}


def reported_day(dates: Mapping[str, int], days: Mapping[str, FleetDay]) -> str | None:
    """Return the date that stands for the fleet; None without rows.

    That is the latest date with at least `FULL_SHARE` of the rows of the fullest one; if none of the dates
    that were counted has as many, the fullest of these.

    Parameters
    ----------
    dates : mapping of str to int
        Rows by date, of the whole file.
    days : mapping of str to FleetDay
        The latest of them.
    """
    if not days:
        return None
    enough = FULL_SHARE * max(dates.values())
    full = [date for date in days if dates[date] >= enough]
    return max(full) if full else max(days, key=lambda date: (dates[date], date))


def _by_model(
    models: pa.DictionaryArray, scores: Scores, of_date: NDArray[np.intp] | None
) -> dict[str, DriveCounts]:
    names: list[str] = models.dictionary.to_pylist()
    at = slice(None) if of_date is None else of_date
    model: NDArray[np.int32] = models.indices.to_numpy()[at]
    probability = scores.counted_probability[at]
    expected = np.round(probability * UNITS)
    variance = np.round(probability * (1.0 - probability) * UNITS)
    # Whole numbers far below 2**53: a block has some ten thousand rows.
    columns = (
        _table(model, scores.risk[at], (len(names), len(LEVELS))),
        _table(model, scores.scope[at], (len(names), len(SCOPES))),
        np.bincount(model, scores.counted[at], minlength=len(names)).tolist(),
        np.bincount(model, expected, minlength=len(names)).tolist(),
        np.bincount(model, variance, minlength=len(names)).tolist(),
    )
    return {
        name: DriveCounts(levels, scopes, *map(int, sums))
        for name, levels, scopes, *sums in zip(names, *columns, strict=True)
        if any(levels)
    }


def _table(rows: NDArray[np.int32], columns: NDArray[np.int8], shape: tuple[int, int]) -> list[list[int]]:
    """Count pairs of codes."""
    counts = np.bincount(rows * shape[1] + columns, minlength=shape[0] * shape[1])
    found: list[list[int]] = counts.reshape(shape).tolist()
    return found


def _limit_models(models: Mapping[str, DriveCounts]) -> tuple[dict[str, DriveCounts], DriveCounts]:
    """Return the models that are kept, by name, and the sum of the others."""
    names = sorted(models)
    others = no_drives()
    for name in names[MOST_MODELS:]:
        others = others.plus(models[name])
    return {name: models[name] for name in names[:MOST_MODELS]}, others
