"""The golden rows of a manifest, from the telemetry they begin with to the model's input."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from functions.errors import ModelError
from functions.scoring.model.features import age_among
from functions.scoring.raw_values import decode, layouts_of
from functions.scoring.smart import ATTRIBUTES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from functions.scoring.model.features import FeaturePlan
    from functions.scoring.model.manifest import GoldenRow, GoldenTelemetry, Manifest

FEATURE_TOLERANCE = 1e-6
"""Largest difference of a feature from what was recorded, as a share of it: the last digit of a float32."""


def recorded_features(golden: Sequence[GoldenRow]) -> NDArray[np.float32]:
    """Return the features of golden rows as they were recorded, one row for each."""
    rows = [[np.nan if value is None else value for value in row.features] for row in golden]
    return np.array(rows, dtype=np.float32)


def features_of_telemetry(rows: Sequence[GoldenTelemetry], plan: FeaturePlan) -> NDArray[np.float32]:
    """Decode telemetry and build the model's input, by the rules for the rows of a file.

    Returns
    -------
    (len(rows), len(plan.features)) array of float32
    """
    layout = layouts_of([row.model for row in rows])
    earlier = {}
    for days, ages in plan.ages:
        raw = [_raw(_earlier(row, ages), plan) for row in rows]
        earlier[days] = decode(np.array(raw, dtype=np.float64), plan.attributes, layout)
    now = decode(np.array([_raw(row.now, plan) for row in rows], dtype=np.float64), plan.attributes, layout)
    return plan.matrix(now, earlier)


def check_features(manifest: Manifest, plan: FeaturePlan) -> None:
    """Raise `ModelError` where a golden row's telemetry comes to other features than were recorded."""
    begun = [
        (index, row.telemetry)
        for index, row in enumerate(manifest.golden)
        if row.telemetry is not None and not (manifest.format == 1 and _was_whole(row.telemetry))
    ]
    if not begun:
        return
    indices = [index for index, _ in begun]
    found = features_of_telemetry([telemetry for _, telemetry in begun], plan)
    recorded = recorded_features(manifest.golden)[indices]
    wrong = np.argwhere(~np.isclose(found, recorded, rtol=FEATURE_TOLERANCE, atol=0, equal_nan=True))
    if len(wrong):
        row, column = wrong[0].tolist()
        msg = (
            f"The telemetry of golden row {indices[row]} of model {manifest.version} comes to "
            f"{found[row, column]} in {plan.features[column].name}; {recorded[row, column]} was recorded. "
            "Its features are not in the order it was trained with, or this app decodes otherwise: restore "
            "the version, or deploy the app it was trained for."
        )
        raise ModelError(msg)


def _was_whole(row: GoldenTelemetry) -> bool:
    """Say whether a row of a manifest of format 1 has in 188 the largest count of six bytes: now three words.

    Every one of these manifests had such a row, of a drive that is not called ST.
    """
    return row.now.get(ATTRIBUTES[188].column) == 2**48 - 1


def _earlier(row: GoldenTelemetry, ages: Sequence[int]) -> Mapping[str, int]:
    by_age = dict(row.earlier)
    age = age_among(ages, by_age)
    return {} if age is None else by_age[age]


def _raw(values: Mapping[str, int], plan: FeaturePlan) -> list[float]:
    return [values.get(ATTRIBUTES[attribute].column, np.nan) for attribute in plan.attributes]
