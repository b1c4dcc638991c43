"""Search for the trees' hyperparameters, forward in time and on drives that were not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from rich.console import Console
from rich.progress import track
from sklearn.ensemble import HistGradientBoostingClassifier

from training.fitting.feature_sets import WITH_CHANGES
from training.fitting.members import TreeSettings, decision, fit_trees
from training.fitting.training_rows import drawer
from training.fitting.unique_values import DistinctValues
from training.log_odds_model import LogOddsModel
from training.metrics.curves import average_precision
from training.metrics.decisions import drives_of
from training.protocol.folds import ForwardGroupedFolds

GRID = tuple(
    TreeSettings(leaves, trees, rate, l2)
    for leaves, trees, rate in ((4, 120, 0.05), (5, 120, 0.05), (8, 80, 0.05), (8, 150, 0.03))
    for l2 in (50.0, 10.0)
)
"""The settings tried, the simplest first: fewer leaves, then more regularisation."""

FOLDS = 3


@dataclass(frozen=True)
class SearchResult:
    """The result of a search.

    Attributes
    ----------
    table : list of dict
        For every point its settings, ``average_precision`` per fold and their ``mean``.
    """

    chosen: TreeSettings
    table: list[dict[str, Any]]


def search_trees(
    development: pl.DataFrame,
    values: DistinctValues,
    *,
    seed: int,
    horizon_days: int,
    grid: Sequence[TreeSettings] = GRID,
    progress: bool = True,
) -> SearchResult:
    """Score every point by average precision per drive in grouped forward folds.

    Differences are mostly noise with so few failures, which is why the grid is small, every point of it is a
    model that could be shipped, and `choose` takes a simple one.

    Parameters
    ----------
    development : polars.DataFrame
        Labelled drive-days before the test period: serial_number, date, label, days_to_failure, row.
    grid : sequence of TreeSettings
        The simplest first.

    Raises
    ------
    ValueError
        There are too few days for the folds.
    """
    folds = ForwardGroupedFolds(development["date"], FOLDS, horizon_days, seed)
    parts = []
    for train, validation in folds.split(development["serial_number"]):
        rows = drawer(development[train], values, horizon_days)(seed)
        kept = development[validation]
        matrix, _, index = values.select(kept["row"].to_numpy(), WITH_CHANGES)
        parts.append((rows, kept, matrix, index))
    shown = track(
        grid, "searching hyperparameters", console=Console(stderr=True), transient=True, disable=not progress
    )
    scores = np.array(
        [
            [
                _per_drive(kept, matrix, index, fit_trees(rows, WITH_CHANGES, settings, seed))
                for rows, kept, matrix, index in parts
            ]
            for settings in shown
        ]
    )
    return choose(grid, scores)


def choose(grid: Sequence[TreeSettings], scores: npt.NDArray[np.float64]) -> SearchResult:
    """Take the first point that is within a standard error of the highest mean (Breiman et al. 1984).

    Parameters
    ----------
    scores : (points, folds) array of float64
        Average precision.
    """
    means = scores.mean(axis=1)
    best = int(np.argmax(means))
    error = float(scores[best].std(ddof=1)) / np.sqrt(scores.shape[1])
    first = int(np.argmax(means >= means[best] - error))
    table = [
        {
            **settings._asdict(),
            "average_precision": [round(float(score), 6) for score in of_folds],
            "mean": round(float(of_folds.mean()), 6),
        }
        for settings, of_folds in zip(grid, scores, strict=True)
    ]
    return SearchResult(grid[first], table)


def _per_drive(
    frame: pl.DataFrame,
    matrix: npt.NDArray[np.float32],
    index: npt.NDArray[np.intp],
    model: HistGradientBoostingClassifier,
) -> float:
    drives = drives_of(frame, decision(LogOddsModel([model]), matrix)[index])
    found = average_precision(drives.label, drives.score)
    return found if np.isfinite(found) else 0.0
