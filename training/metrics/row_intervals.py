"""95 % intervals of Brier score and calibration error, by resampling drives with all their rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from training.metrics.calibration import bins_of
from training.metrics.curves import Floats
from training.metrics.decisions import Drives

_CELLS_AT_ONCE = 4_000_000


def row_intervals(drives: Drives, *, resamples: int, seed: int) -> dict[str, tuple[float, float]]:
    """Return percentile intervals of figures that count drive-days.

    The bins of the calibration error are those of all rows in every resample.

    Parameters
    ----------
    resamples, seed : int
        The same draws of drives as in `training.metrics.bootstrap.bootstrap_values`.

    Returns
    -------
    dict
        ``row_brier`` and ``row_ece``, each (low, high).
    """
    probability = drives.rows["probability"].to_numpy()
    label = drives.rows["label"].to_numpy().astype(np.float64)
    counts = drives.table["rows"].to_numpy().astype(np.int64)
    drive = np.repeat(np.arange(len(counts)), counts)
    squared = np.bincount(drive, (probability - label) ** 2, minlength=len(counts))
    gap = _by_bin(drive, bins_of(probability), probability - label, len(counts))
    generator = np.random.default_rng(seed)
    size = len(counts)
    at_once = max(1, _CELLS_AT_ONCE // size)
    brier, ece = [], []
    for start in range(0, resamples, at_once):
        weights = np.stack(
            [
                np.bincount(generator.integers(0, size, size), minlength=size).astype(np.float64)
                for _ in range(min(at_once, resamples - start))
            ]
        )
        rows = weights @ counts
        brier.append(weights @ squared / rows)
        ece.append(np.abs(weights @ gap).sum(axis=1) / rows)
    return {"row_brier": _range(brier), "row_ece": _range(ece)}


def _by_bin(drive: npt.NDArray[np.int64], bin_of: npt.NDArray[np.intp], gap: Floats, drives: int) -> Floats:
    bins = int(bin_of.max()) + 1
    sums = np.bincount(drive * bins + bin_of, gap, minlength=drives * bins)
    return sums.reshape(drives, bins)


def _range(parts: list[Floats]) -> tuple[float, float]:
    low, high = np.quantile(np.concatenate(parts), [0.025, 0.975])
    return float(low), float(high)
