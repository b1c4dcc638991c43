"""Decoded SMART values, now and earlier, to the model's float32 matrix: the only definition of the features.

Training and serving both come through here, so that a model is asked about what it learned from. A model's
manifest lists its features; nothing in this file names one.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

import msgspec
import numpy as np

from functions.scoring.raw_values import EXACT_LIMIT

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from numpy.typing import NDArray

Kind = Literal["value", "change"]
Transform = Literal["identity", "log1p"]


class HistoryWindow(msgspec.Struct, frozen=True):
    """The ages, in days, of the earlier snapshot a change is measured against.

    Of the snapshots from *nearest* to *farthest* the one nearest to *days* is taken; of two equally near, the
    younger.
    """

    days: int
    nearest: int
    farthest: int

    def ages(self) -> list[int]:
        """Return the ages in days that serve the window, best first."""
        return _ages(self)


@cache
def _ages(window: HistoryWindow) -> list[int]:
    ages = range(window.nearest, window.farthest + 1)
    return sorted(ages, key=lambda age: (abs(age - window.days), age))


def age_among(ages: Sequence[int], known: Container[int]) -> int | None:
    """Return the first of *ages* that is known; None when none is."""
    for age in ages:
        if age in known:
            return age
    return None


WINDOWS = (HistoryWindow(7, 5, 10), HistoryWindow(28, 21, 35))
"""The windows a model may use: a week and four weeks back, with room for missing days."""


class Feature(msgspec.Struct, frozen=True, omit_defaults=True):
    """One column of the model's input.

    Attributes
    ----------
    name : str
        Unique within the model, such as ``smart_187_change_28``.
    attribute : int
        The SMART attribute it is made of.
    kind : {"value", "change"}
        The decoded value now, or its change since the snapshot of `window`.
    window : int
        Days of the history window, for changes.
    transform : {"identity", "log1p"}
        ``log1p`` is sign(x) log(1 + abs(x)): it tames counts that span five orders of magnitude for linear
        models.
    unit, meaning : str
        For people.
    range : tuple of float
        Smallest and largest value in the training data, before the transform.
    """

    name: str
    attribute: int
    kind: Kind
    window: int = 0
    transform: Transform = "identity"
    unit: str = ""
    meaning: str = ""
    range: tuple[float, float] = (0.0, 0.0)


LARGEST_FEATURE = EXACT_LIMIT
"""No feature is larger in size: each is a decoded value or a change of one, as it is or on a log scale."""

EXPECTED_FEATURE = f"a number from -{LARGEST_FEATURE} to {LARGEST_FEATURE}, or nothing"
"""What a feature of a request is expected to be, for messages."""


def is_feature(value: object) -> bool:
    """Say whether a value of a request can be a feature: beyond the limit log-odds are not finite."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST_FEATURE


class FeaturePlan:
    """The features of one model, in the order of its input, compiled to index arrays.

    Attributes
    ----------
    attributes : tuple of int
        The SMART attributes needed, ascending: the column order of the matrices `matrix` takes.
    windows : tuple of HistoryWindow
        The history windows needed, ascending.
    ages : tuple of (int, list of int)
        The days of each window and the ages in days that serve it, best first.
    sources : list of int
        The column that each feature reads of a row's values now and, after them, its changes of each window.
    all_logged : bool
        Whether every feature's transform is ``log1p``.

    Raises
    ------
    ValueError
        A change over a window that is not one of `WINDOWS`.
    """

    def __init__(self, features: Sequence[Feature]) -> None:
        self.features = tuple(features)
        self.attributes = tuple(sorted({feature.attribute for feature in features}))
        used = {feature.window for feature in features if feature.kind == "change"}
        self.windows = tuple(window for window in WINDOWS if window.days in used)
        self.ages = tuple((window.days, window.ages()) for window in self.windows)
        known = {window.days for window in self.windows}
        if used - known:
            there = [window.days for window in WINDOWS]
            msg = f"features use history windows of {sorted(used - known)} days; there are {there}"
            raise ValueError(msg)
        self._source = np.array([self._source_column(feature) for feature in features], dtype=np.intp)
        self.sources: list[int] = self._source.tolist()
        self._log = np.array([f.transform == "log1p" for f in features], dtype=bool)
        self._any_log = bool(self._log.any())
        self.all_logged = bool(self._log.all())

    def _source_column(self, feature: Feature) -> int:
        """Column of the stacked matrix [now | change of each window] that a feature reads."""
        days = [window.days for window in self.windows]
        block = 1 + days.index(feature.window) if feature.kind == "change" else 0
        return block * len(self.attributes) + self.attributes.index(feature.attribute)

    def matrix(
        self, now: NDArray[np.float64], earlier: Mapping[int, NDArray[np.float64]]
    ) -> NDArray[np.float32]:
        """Build the model's input.

        Parameters
        ----------
        now : (n, len(attributes)) array of float64
            Decoded values of the drive-days, NaN where missing.
        earlier : mapping of int to (n, len(attributes)) array of float64
            Decoded values of the same drives by history window (its `days`), NaN where there is no snapshot.
            A window that is left out counts as no snapshot for any row.

        Returns
        -------
        (n, len(features)) array of float32
            Differences are taken in float64, before the cast.
        """
        return self.transform(self._columns(now, earlier))

    def transform(self, columns: NDArray[np.float64]) -> NDArray[np.float32]:
        """Transform and cast the features in place."""
        if self.all_logged:
            np.copysign(np.log1p(np.abs(columns)), columns, out=columns)
        elif self._any_log:
            logged = columns[:, self._log]
            columns[:, self._log] = np.copysign(np.log1p(np.abs(logged)), logged)
        return columns.astype(np.float32)

    def _columns(
        self, now: NDArray[np.float64], earlier: Mapping[int, NDArray[np.float64]]
    ) -> NDArray[np.float64]:
        """Return the features before transform and cast."""
        width = len(self.attributes)
        stacked = np.full((len(now), width * (1 + len(self.windows))), np.nan)
        stacked[:, :width] = now
        for block, window in enumerate(self.windows, start=1):
            before = earlier.get(window.days)
            if before is not None:
                np.subtract(now, before, out=stacked[:, block * width : (block + 1) * width])
        return stacked.take(self._source, axis=1)
