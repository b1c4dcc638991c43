"""Contributions to reasons: the attributes that raise a drive's risk most, each in a sentence."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from functions.scoring.smart import ATTRIBUTES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

REASONS = 3
"""Most reasons given for a drive."""

LEAST_CONTRIBUTION = 0.05
"""Log-odds below which an attribute is no reason: it changes the odds by less than 5 %."""


class Reason(msgspec.Struct, frozen=True):
    """One attribute that raises the risk.

    Attributes
    ----------
    attribute : int
        SMART attribute.
    name : str
        Its plain name.
    value : float
        Decoded value.
    change : float or None
        Change over `change_days`; None without history.
    change_days : int or None
        Days of that change.
    contribution : float
        Added to the log-odds of failure.
    sentence : str
        The reason as a technician would write it.
    """

    attribute: int
    name: str
    value: float
    change: float | None
    change_days: int | None
    contribution: float
    sentence: str


def sentence(attribute_id: int, value: float, earlier: Sequence[tuple[int, float]]) -> str:
    """Describe an attribute: "Reallocated sectors rose from 8 to 24 in 7 days".

    Parameters
    ----------
    value : float
        Decoded value now.
    earlier : sequence of (int, float)
        Age in days and decoded value of each earlier observation, youngest first.
    """
    attribute = ATTRIBUTES[attribute_id]
    unchanged = attribute.counter
    for days, before in earlier:
        if before < value:
            return f"{attribute.phrase} rose from {_digits(before)} to {_digits(value)} in {days} days"
        if before > value and not attribute.counter:
            return f"{attribute.phrase} fell from {_digits(before)} to {_digits(value)} in {days} days"
        if before != value:
            unchanged = False
    unit = f" {attribute.unit}" if attribute.unit == "°C" else ""
    if earlier and unchanged:
        return f"{attribute.phrase} at {_digits(value)}, unchanged in {earlier[-1][0]} days"
    return f"{attribute.phrase} at {_digits(value)}{unit}"


_SMALL = {float(number): str(number) for number in range(1000)}
"""Most counts; formatting one takes ten times as long."""


def _digits(number: float) -> str:
    """Return a whole number with its thousands set apart."""
    return _SMALL.get(number) or f"{number:,.0f}"


def reasons_of_row(
    contributions: NDArray[np.float64],
    attributes: Sequence[int],
    now: Mapping[int, float],
    earlier: Sequence[tuple[int, Mapping[int, float]]],
    stand_ins: Mapping[int, int],
) -> list[Reason]:
    """Pick and word the reasons of one drive-day: at most `REASONS`, the strongest first.

    Only attributes that raise the risk and that the drive reports: a missing one moves the log-odds too, but
    tells a technician nothing.

    Parameters
    ----------
    contributions : (A,) array of float64
        Log-odds by attribute.
    now : mapping of int to float
        Decoded values, NaN where missing.
    earlier : sequence of (int, mapping of int to float)
        Age in days and decoded values of earlier observations, youngest first.
    stand_ins : mapping of int to int
        By attribute, the one whose value the model took where that is missing: the reason names it.
    """
    order = strongest_first(contributions).tolist()
    return pick_reasons(contributions.tolist(), order, attributes, now, earlier, stand_ins)


def strongest_first(contributions: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the indices of contributions by falling size, along the last axis; equal ones stay in order."""
    return np.argsort(-contributions, axis=-1, kind="stable")


def pick_reasons(
    contributions: Sequence[float],
    order: Sequence[int],
    attributes: Sequence[int],
    now: Mapping[int, float],
    earlier: Sequence[tuple[int, Mapping[int, float]]],
    stand_ins: Mapping[int, int],
) -> list[Reason]:
    """Pick and word reasons as `reasons_of_row` does, with the order of the contributions known."""
    reasons: list[Reason] = []
    for index in order:
        contribution = contributions[index]
        if contribution < LEAST_CONTRIBUTION or len(reasons) == REASONS:
            break
        attribute_id = attributes[index]
        value = now[attribute_id]
        if math.isnan(value) and attribute_id in stand_ins:
            attribute_id = stand_ins[attribute_id]
            value = now[attribute_id]
        if math.isnan(value):
            continue
        change_days, change = None, None
        seen = []
        for age, values in earlier:
            before = values[attribute_id]
            if math.isnan(before):
                continue
            seen.append((age, before))
            if not change:  # the youngest that differs; else the oldest
                change_days, change = age, value - before
        reasons.append(
            Reason(
                attribute_id,
                ATTRIBUTES[attribute_id].name,
                value,
                change,
                change_days,
                round(contribution, 4),
                sentence(attribute_id, value, seen),
            )
        )
    return reasons
