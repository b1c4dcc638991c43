"""The candidates that are compared: one table, from knowing nothing to what is shipped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from functions.scoring.features import Feature
from training.fitting.baselines import AnyAboveZero, Constant, Forest, LogOdds, Matrix
from training.fitting.feature_sets import SNAPSHOT, WITH_CHANGES
from training.fitting.members import LINEAR_SHARE, TreeSettings, fit_bag, fit_linear
from training.fitting.training_rows import Draw
from training.log_odds_model import LogOddsModel


class Ranker(Protocol):
    """What every fitted candidate offers."""

    def average(self, features: Matrix) -> LogOdds:
        """Return the (n,) uncalibrated log-odds of (n, f) features."""


@dataclass(frozen=True)
class Candidate:
    """One way to forecast.

    Attributes
    ----------
    name : str
        Key in evaluation.json.
    title : str
        In words.
    features : tuple of Feature
    fit : callable
        Draw and seed to a fitted ranker.
    shipped : bool
        Whether it converts, and may be registered.
    """

    name: str
    title: str
    features: tuple[Feature, ...]
    fit: Callable[[Draw, int], Ranker]
    shipped: bool = False


BASELINE = "logistic_snapshot"
"""Registered as the baseline version: a classic, and the one that needs no history."""

CHAMPION = "blend"
"""Registered as champion.

It is fixed, not picked by the test period's figures: those of the better candidates differ by less than their
noise.
"""


def candidates(settings: TreeSettings) -> list[Candidate]:
    """Return every candidate, with the trees' hyperparameters as the search chose them."""
    plain = TreeSettings(leaves=8, monotonic=False)
    trees = f"{settings.trees} trees of {settings.leaves} leaves"
    return [
        Candidate("prevalence", "Prevalence", SNAPSHOT, lambda _draw, _seed: Constant()),
        Candidate(
            "any_above_zero",
            "Any of 5, 187, 188, 197, 198 above zero",
            SNAPSHOT,
            lambda _draw, _seed: AnyAboveZero(),
        ),
        Candidate(
            "logistic_snapshot",
            "Logistic regression, five counters",
            SNAPSHOT,
            lambda draw, seed: LogOddsModel([fit_linear(draw(seed), SNAPSHOT)]),
            shipped=True,
        ),
        Candidate(
            "logistic_changes",
            "Logistic regression, four counters and changes",
            WITH_CHANGES,
            lambda draw, seed: LogOddsModel([fit_linear(draw(seed), WITH_CHANGES)]),
            shipped=True,
        ),
        Candidate(
            "random_forest",
            "Random forest, 200 trees",
            WITH_CHANGES,
            lambda draw, seed: Forest(draw(seed), WITH_CHANGES, seed),
        ),
        Candidate(
            "boosting",
            "HistGradientBoosting, 120 trees of 8 leaves, unconstrained",
            WITH_CHANGES,
            lambda draw, seed: fit_bag(draw, WITH_CHANGES, plain, seed),
            shipped=True,
        ),
        Candidate(
            "monotonic_boosting",
            f"HistGradientBoosting, 3 x {trees}, monotonic",
            WITH_CHANGES,
            lambda draw, seed: fit_bag(draw, WITH_CHANGES, settings, seed),
            shipped=True,
        ),
        Candidate(
            "blend",
            f"0.7 monotonic boosting (3 x {trees}) + 0.3 logistic regression, in log-odds",
            WITH_CHANGES,
            lambda draw, seed: fit_bag(draw, WITH_CHANGES, settings, seed, LINEAR_SHARE),
            shipped=True,
        ),
    ]
