"""Probability to risk level, and what to do at each level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from functions.scoring.model.manifest import Thresholds

Risk = Literal["low", "medium", "high", "critical", "unknown"]

LEVELS: tuple[Risk, ...] = ("low", "medium", "high", "critical", "unknown")
"""Risk levels by code; 0 to 3 by rising probability, then the level of drives without one."""

UNKNOWN = LEVELS.index("unknown")
EXPLAINED_FROM = LEVELS.index("medium")
"""Batch outputs give reasons from this level on."""

EXPLAINED = frozenset(LEVELS[EXPLAINED_FROM:UNKNOWN])
"""The levels from there on."""

ADVICE: dict[Risk, str] = {
    "low": "Nothing to do.",
    "medium": "Watch it: check that its data is backed up and look at it again in a week.",
    "high": "Back up its data, run an extended self-test and have a spare ready.",
    "critical": "Move its data off now and replace it.",
    "unknown": "Nothing can be said of it: it is solid-state, or reports neither SMART 197 nor 198.",
}
"""Advice about a drive, by risk level."""


def risk_codes(probability: NDArray[np.float32], thresholds: Thresholds) -> NDArray[np.int8]:
    """Return the index into `LEVELS` of every row, (n,); a probability at a threshold reaches the level.

    Where there is no probability, NaN, the level is unknown.
    """
    edges = np.array([thresholds.medium, thresholds.high, thresholds.critical])
    codes = edges.searchsorted(probability.astype(np.float64), side="right").astype(np.int8)
    codes[np.isnan(probability)] = UNKNOWN
    return codes
