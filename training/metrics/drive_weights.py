"""Resamples of drives as weights: how often each was drawn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from training.metrics.curves import Floats

_CELLS_AT_ONCE = 4_000_000


def drive_weights(drives: int, resamples: int, seed: int) -> Iterator[Floats]:
    """Yield (r, drives) arrays of how often each drive was drawn, ``resamples`` rows in all.

    The same seed draws the same drives, whatever is measured on them.
    """
    generator = np.random.default_rng(seed)
    at_once = max(1, _CELLS_AT_ONCE // drives)
    for start in range(0, resamples, at_once):
        yield np.stack(
            [
                np.bincount(generator.integers(0, drives, drives), minlength=drives).astype(np.float64)
                for _ in range(min(at_once, resamples - start))
            ]
        )


def percentiles(drawn: Floats) -> tuple[float, float] | None:
    """Return the 95 % interval of a figure over resamples; None where none defines it."""
    defined = drawn[np.isfinite(drawn)]
    if not defined.size:
        return None
    low, high = np.quantile(defined, [0.025, 0.975])
    return float(low), float(high)
