"""The lists of features candidates are made of."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from functions.scoring.model.features import WINDOWS, Feature
from functions.scoring.smart import ATTRIBUTES, ERROR_ATTRIBUTES
from training.fitting.observations import Observed

CHANGING_ATTRIBUTES = (5, 187, 188, 197)
"""198 is left out: on Seagate's drives it repeats 197, row by row."""

STAND_INS = {197: 198}
"""For an attribute that a drive does not report, the one whose value is taken instead.

Models that report 198 and not 197 could otherwise not be told from drives without a pending sector.
"""


def value(attribute_id: int) -> Feature:
    """Return the feature that is an attribute's decoded value, on a log scale."""
    attribute = ATTRIBUTES[attribute_id]
    return Feature(
        name=f"smart_{attribute_id}",
        attribute=attribute_id,
        kind="value",
        transform="log1p",
        unit=attribute.unit,
        meaning=f"{attribute.phrase}. {attribute.meaning}",
    )


def change(attribute_id: int, days: int) -> Feature:
    """Return the feature that is an attribute's change over a history window, on a log scale."""
    attribute = ATTRIBUTES[attribute_id]
    return Feature(
        name=f"smart_{attribute_id}_change_{days}",
        attribute=attribute_id,
        kind="change",
        window=days,
        transform="log1p",
        unit=attribute.unit,
        meaning=f"{attribute.phrase}: change over about {days} days. {attribute.meaning}",
    )


SNAPSHOT = tuple(value(attribute) for attribute in ERROR_ATTRIBUTES)
"""The five error counters as they are: no history is needed."""

WITH_CHANGES = (
    *(value(attribute) for attribute in CHANGING_ATTRIBUTES),
    *(change(attribute, window.days) for window in WINDOWS for attribute in CHANGING_ATTRIBUTES),
)
"""Four error counters and their changes over a week and four weeks."""


def with_ranges(features: Sequence[Feature], observed: Observed) -> list[Feature]:
    """Return features with the range of their values in some data, (0, 0) where none has a value."""
    plain = [msgspec.structs.replace(feature, transform="identity") for feature in features]
    matrix = observed.matrix(plain)
    return [
        msgspec.structs.replace(feature, range=_range(matrix[:, column]))
        for column, feature in enumerate(features)
    ]


def _range(values: npt.NDArray[np.float32]) -> tuple[float, float]:
    present = values[~np.isnan(values)]
    return (float(present.min()), float(present.max())) if present.size else (0.0, 0.0)
