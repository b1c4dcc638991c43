"""The champion on the forward test of a new version, without the advantage of having seen its days.

A version that was refitted after its own test knows every day of its telemetry. Where a later forward test
covers such days, the shipped model would be scored on what it was fitted on, and a new version that is better
would lose to it. There the champion's recipe stands in for it, fitted on the same days as the new version.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from scipy.special import expit

from functions.scoring.model.onnx_model import Model
from training.backtesting.trained_days import TrainedDays, trained_days
from training.errors import TrainingError
from training.fitting.baselines import LogOdds, Matrix
from training.fitting.candidates import Candidate
from training.metrics.decisions import drives_of
from training.metrics.drive_scores import DriveScores
from training.reporting.evaluation_file import Evaluated, differences, read_evaluated
from training.selection.forward_test import Part, Tested
from training.versions.recipe import recipe_of

Basis = Literal[
    "as served", "recorded forward test", "recipe refitted", "as served, though it knows the test"
]


class _Served:
    """A model that is served, as the forward test asks candidates; its log-odds are calibrated already."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def average(self, features: Matrix) -> LogOdds:
        return self._model.predict(features)[0].astype(np.float64)


@dataclass(frozen=True)
class Incumbent:
    """The champion, scored on a new version's test.

    Attributes
    ----------
    basis : str
        The part of it that was scored.
    why : str
        In a sentence or two.
    """

    version: str
    basis: Basis
    why: str
    scores: DriveScores


def incumbent(
    models: Path, name: str, new: Evaluated, test: Part, retest: Callable[[Candidate], Tested]
) -> Incumbent:
    """Score the champion on a new version's test, in the fairest way that its records allow.

    Parameters
    ----------
    name : str
        Alias or version.
    new : Evaluated
        The new version.
    test : Part
        Its test rows.
    retest : callable
        Forward-tests a candidate on the same split.

    Raises
    ------
    functions.errors.ModelError
        The champion cannot be loaded, or has no evaluation.
    TrainingError
        The champion asks for SMART attributes that were not read.
    """
    model, champion = Model.load(models, name), read_evaluated(models, name)
    days, first = trained_days(model), first_test_day(new.evaluation["protocol"])
    if not knows(days, first):
        why = (
            f"{champion.version} was made from telemetry up to {days.last}, before the test begins on "
            f"{first}, so it is scored as it is served."
        )
        return Incumbent(champion.version, "as served", why, _score_served(model, test))
    known = (
        f"{champion.version} as it is served knows days of this test (it was made from telemetry up to "
        f"{days.last or 'a day it does not record'}, the test begins on {first}), so scoring it here would "
        "flatter it. "
    )
    recorded = None if differences(champion, new) else DriveScores.read(champion.folder)
    if recorded is not None and recorded.digest == _scores(test, np.zeros(test.frame.height)).digest:
        why = (
            known + "Compared are the scores its own forward test recorded: the same data, split and drives."
        )
        return Incumbent(champion.version, "recorded forward test", why, recorded)
    if recipe := recipe_of(champion):
        why = known + f"Compared is its recipe ({recipe.title}), fitted on the training days of this split."
        return Incumbent(champion.version, "recipe refitted", why, _scores(test, retest(recipe).probability))
    why = known + (
        f"Its recipe ({champion.manifest.algorithm}) cannot be fitted by this code, so it is scored as it is "
        "served all the same: the comparison favours the champion."
    )
    return Incumbent(champion.version, "as served, though it knows the test", why, _score_served(model, test))


def first_test_day(protocol: Mapping[str, Any]) -> dt.date:
    """Return the first day of a forward test, of all its periods."""
    return min(dt.date.fromisoformat(period["test"][0]) for period in protocol["periods"] if "test" in period)


def knows(days: TrainedDays, first: dt.date) -> bool:
    """Say whether telemetry from a day on, or nobody knows which, went into a version."""
    return days.last is None or days.last >= first


def _score_served(model: Model, test: Part) -> DriveScores:
    features = model.manifest.features
    absent = sorted({feature.attribute for feature in features} - set(test.values.attributes))
    if absent:
        raise TrainingError(
            f"the champion {model.version} asks for SMART attributes that training does not read: "
            f"{', '.join(map(str, absent))}; promote a version that does not, then compare"
        )
    return _scores(test, expit(test.score(_Served(model), features)))


def _scores(test: Part, probability: LogOdds) -> DriveScores:
    return DriveScores.of(drives_of(test.frame, probability))
