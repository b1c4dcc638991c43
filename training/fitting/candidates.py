"""The candidates that are compared: one table, from knowing nothing to what is shipped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from functions.scoring.model.features import Feature
from training.fitting.baselines import AnyAboveZero, Constant, Forest, LogOdds, Matrix
from training.fitting.feature_sets import SNAPSHOT, WITH_CHANGES
from training.fitting.members import (
    LINEAR_SHARE,
    MEMBERS,
    TreeSettings,
    fit_blend,
    fit_linear,
    fit_members,
    linear_seed,
)
from training.fitting.training_rows import Draw, Draws
from training.log_odds_model import LogOddsModel


class Ranker(Protocol):
    """The interface of every fitted candidate."""

    def average(self, features: Matrix) -> LogOdds:
        """Return the (n,) uncalibrated log-odds of (n, f) features."""


@dataclass(frozen=True)
class Candidate:
    """One way to forecast.

    Attributes
    ----------
    name : str
        Key in evaluation.json.
    fit : callable
        Draws and seed to a fitted ranker.
    shipped : bool
        Whether it converts, and may be registered.
    fitted : bool
        Whether it learns from training rows, so that another seed gives another model.
    people : str
        What people call it; the title where it is empty.
    pooled : bool
        Whether a member learns from other fleets too.
    """

    name: str
    title: str
    features: tuple[Feature, ...]
    fit: Callable[[Draws, int], Ranker]
    shipped: bool = False
    fitted: bool = True
    people: str = ""
    pooled: bool = False


BASELINE = "logistic_snapshot"
"""Registered as the baseline version: a classic, and the one that needs no history."""

CHAMPION = "blend"
"""Registered as champion.

It is fixed, not picked by the test period's figures: those of the better candidates differ by less than their
noise.
"""


def candidates(
    settings: TreeSettings, linear_share: float = LINEAR_SHARE, *, pooled: bool = False
) -> list[Candidate]:
    """Return every candidate, with the trees' hyperparameters as the search chose them.

    Another linear share than today's makes the blend of an earlier version again.

    Parameters
    ----------
    pooled : bool
        Whether the blend's linear member is fitted on other fleets too. The trees never are: on the drives
        of another fleet they learn what does not carry over.
    """
    shares = (f"{1 - linear_share:g}", f"{linear_share:g}")
    plain = TreeSettings(leaves=8, monotonic=False)

    @lru_cache(maxsize=1)
    def bag(draw: Draw, seed: int) -> list[Any]:
        # Two candidates are made of the same members.
        return fit_members(draw, WITH_CHANGES, settings, seed)

    def blend(draws: Draws, seed: int) -> LogOddsModel:
        rows = (draws.pooled if pooled else draws.own)(linear_seed(seed))
        return fit_blend(rows, WITH_CHANGES, bag(draws.own, seed), linear_share)

    where = " on this and other fleets" if pooled else ""
    bag_of = f"{MEMBERS} x {settings.trees} trees of {settings.leaves} leaves"
    return [
        Candidate("prevalence", "Prevalence", SNAPSHOT, lambda _draws, _seed: Constant(), fitted=False),
        Candidate(
            "any_above_zero",
            "Any of 5, 187, 188, 197, 198 above zero",
            SNAPSHOT,
            lambda _draws, _seed: AnyAboveZero(),
            fitted=False,
        ),
        Candidate(
            "logistic_snapshot",
            "Logistic regression, five counters",
            SNAPSHOT,
            lambda draws, seed: LogOddsModel([fit_linear(draws.own(seed), SNAPSHOT)]),
            shipped=True,
        ),
        Candidate(
            "logistic_changes",
            "Logistic regression, four counters and changes",
            WITH_CHANGES,
            lambda draws, seed: LogOddsModel([fit_linear(draws.own(seed), WITH_CHANGES)]),
            shipped=True,
        ),
        Candidate(
            "random_forest",
            "Random forest, 200 trees",
            WITH_CHANGES,
            lambda draws, seed: Forest(draws.own(seed), WITH_CHANGES, seed),
        ),
        Candidate(
            "boosting",
            "HistGradientBoosting, 120 trees of 8 leaves, unconstrained",
            WITH_CHANGES,
            lambda draws, seed: LogOddsModel(fit_members(draws.own, WITH_CHANGES, plain, seed)),
            shipped=True,
        ),
        Candidate(
            "monotonic_boosting",
            f"HistGradientBoosting, {bag_of}, monotonic",
            WITH_CHANGES,
            lambda draws, seed: LogOddsModel(bag(draws.own, seed)),
            shipped=True,
        ),
        Candidate(
            "blend",
            f"{shares[0]} monotonic boosting ({bag_of}) + "
            f"{shares[1]} logistic regression{where}, in log-odds",
            WITH_CHANGES,
            blend,
            shipped=True,
            people="blend of trees and logistic regression",
            pooled=pooled,
        ),
    ]
