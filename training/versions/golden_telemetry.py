"""Telemetry for golden rows: rows of a fleet as they could have been reported, from their features back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from functions.scoring.drive_database import drive_facts
from functions.scoring.model.features import FeaturePlan
from functions.scoring.model.golden import FEATURE_TOLERANCE, features_of_telemetry
from functions.scoring.model.manifest import GoldenRow, GoldenTelemetry
from functions.scoring.raw_values import EXACT_LIMIT, packing_of
from functions.scoring.smart import ATTRIBUTES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from functions.scoring.model.features import Feature

MODELS = ("ST4000DM000", "HGST HMS5C4040ALE640")
"""Drive models whose raw values are packed by Seagate's rules and by the default ones; rows take turns."""


def telemetry_of(
    row: Sequence[float | None], features: Sequence[Feature], index: int
) -> GoldenTelemetry | None:
    """Return telemetry that comes to a row's features.

    Bits that decoding leaves out are set, differently for every row, so that reading them would show.

    Parameters
    ----------
    row : sequence of float or None
        Features as the model gets them.
    index : int
        Of the row; decides on drive model and spare bits.

    Returns
    -------
    GoldenTelemetry or None
        None for what no telemetry comes to, such as a count that was negative earlier.
    """
    counts = {
        (feature.attribute, feature.window): _untransform(value, feature)
        for feature, value in zip(features, row, strict=True)
        if value is not None
    }
    plan = FeaturePlan(features)
    expected = np.array([[np.nan if value is None else value for value in row]], dtype=np.float32)
    turn = index % len(MODELS)
    for model in (*MODELS[turn:], *MODELS[:turn]):
        found = _telemetry(counts, plan, model, index)
        if found is None:
            continue
        made = features_of_telemetry([found], plan)
        if np.allclose(made, expected, rtol=FEATURE_TOLERANCE, atol=0, equal_nan=True):
            return found
    return None


def largest_row(features: Sequence[Feature]) -> GoldenRow:
    """Return a row, not scored yet, whose raw values are the largest there are, and were 0 earlier."""
    plan = FeaturePlan(features)
    columns = [ATTRIBUTES[attribute].column for attribute in plan.attributes]
    nothing = dict.fromkeys(columns, 0)
    earlier = [(window.days, nothing) for window in plan.windows]
    telemetry = GoldenTelemetry(MODELS[1], dict.fromkeys(columns, EXACT_LIMIT - 1), earlier)
    return GoldenRow(features_of_telemetry([telemetry], plan)[0].tolist(), 0.0, telemetry)


def _untransform(value: float, feature: Feature) -> int:
    return round(math.copysign(math.expm1(abs(value)), value) if feature.transform == "log1p" else value)


def _telemetry(
    counts: Mapping[tuple[int, int], int], plan: FeaturePlan, model: str, index: int
) -> GoldenTelemetry | None:
    """Return the row with these counts (window 0) and changes; None where one has no raw value."""
    now: dict[str, int] = {}
    earlier: dict[int, dict[str, int]] = {window.days: {} for window in plan.windows}
    for attribute in plan.attributes:
        column = ATTRIBUTES[attribute].column
        changes = {days: counts[attribute, days] for days in earlier if (attribute, days) in counts}
        if (attribute, 0) not in counts and not changes:
            continue
        current = counts.get((attribute, 0), max(0, *changes.values()) if changes else 0)
        values = {0: current, **{days: current - change for days, change in changes.items()}}
        raw = {days: _pack(value, attribute, model, index + days) for days, value in values.items()}
        for days, packed in raw.items():
            if packed is None:
                return None
            (earlier[days] if days else now)[column] = packed
    return GoldenTelemetry(model, now, [(days, row) for days, row in earlier.items() if row])


def _pack(value: int, attribute: int, model: str, seed: int) -> int | None:
    """Return a raw value that decodes to a count; None where there is none that float64 counts."""
    bits = packing_of(attribute, drive_facts(model).formats).bits
    noise = 1 + seed % 200
    below = (bits & -bits).bit_length() - 1
    raw = value << below
    if raw < 0 or raw & ~bits:
        return None
    raw += noise if below else noise << bits.bit_length()
    return raw if raw < EXACT_LIMIT else raw - (noise << bits.bit_length())
