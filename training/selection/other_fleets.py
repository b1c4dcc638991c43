"""Drive models a model was not trained on: what is left of it there, beside the rule of thumb."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from training.fitting.drive_days import DriveDays, read_drive_days
from training.fitting.feature_sets import STAND_INS
from training.fitting.fleet import Fleet
from training.metrics.curves import Ranking
from training.metrics.decisions import ALERT_BUDGETS, FLEET, Drives, drives_of
from training.metrics.equal_alerts import found_with, lead_over_rule
from training.metrics.evaluate import rank
from training.selection.forward_test import RESAMPLES, Part, Tested, by_drive_model

Floats = npt.NDArray[np.float64]

RULE = "any_above_zero"


def evaluate_elsewhere(
    paths: Sequence[Path], tested: Sequence[Tested], fleet: Fleet, *, seed: int, progress: bool = True
) -> dict[str, Any]:
    """Score every labelled drive-day of a fleet that was not trained on with the tested candidates.

    The rule "any above zero" must be among them. Returned is a `_document`.
    """
    days = read_drive_days(paths, fleet.horizon_days, progress=progress)
    part = Part(days.rows, days.values.standing_in(STAND_INS))
    probability = {
        one.candidate.name: one.calibration.probability(part.score(one.ranker, one.candidate.features))
        for one in tested
    }
    return _document(days, probability, fleet, seed)


def _document(days: DriveDays, probability: Mapping[str, Floats], fleet: Fleet, seed: int) -> dict[str, Any]:
    """Return the figures of another fleet.

    Returns
    -------
    dict
        ``lineage``, ``horizon_days``, ``how``, ``known_models`` (those the main fleet trains on) and
        ``candidates``: by name and drive model the ranking figures with ``at_the_rules_alerts``: how many
        failing drives are among as many drives as the rule flags. ``unseen_models``: by candidate the same of
        all drive models that are not known together, with ``at_budgets`` and the ``lead_over_the_rule``.
    """
    frame = days.rows
    known = fleet.part("train")["model"].unique().to_list()
    rule = by_drive_model(frame, probability[RULE])
    alerts = {model: _count_flagged(_of_model(frame, probability[RULE], model)) for model in rule}
    candidates: dict[str, Any] = {}
    for name, scores in probability.items():
        figures = by_drive_model(frame, scores)
        for model, of_model in figures.items():
            drives = _of_model(frame, scores, model)
            of_model["at_the_rules_alerts"] = _count_found(drives, alerts[model])
        candidates[name] = figures
    return {
        "lineage": days.lineage,
        "horizon_days": fleet.horizon_days,
        "how": "never trained on",
        "known_models": sorted(set(known) & set(frame["model"].unique().to_list())),
        "candidates": candidates,
        "unseen_models": _together(frame, probability, known, seed),
    }


def _together(
    frame: pl.DataFrame, probability: Mapping[str, Floats], known: Sequence[str], seed: int
) -> dict[str, Any]:
    unseen = ~frame["model"].cast(pl.String).is_in(list(known))
    rows = frame.filter(unseen)
    if not rows["label"].sum():
        return {}
    drives = {name: drives_of(rows, scores[unseen.to_numpy()]) for name, scores in probability.items()}
    alerts = _count_flagged(drives[RULE])
    found = {}
    for name, of in drives.items():
        lead, interval = lead_over_rule(of, drives[RULE], resamples=RESAMPLES, seed=seed)
        found[name] = {
            **rank(of.label, of.score),
            "at_the_rules_alerts": _count_found(of, alerts),
            "at_budgets": {
                f"{budget}": _count_found(of, math.floor(budget * of.drive_months / FLEET))
                for budget in ALERT_BUDGETS
            },
            "lead_over_the_rule": {"failing": lead, "interval": interval},
        }
    return found


def _of_model(frame: pl.DataFrame, scores: Floats, model: str) -> Drives:
    rows = frame["model"] == model
    return drives_of(frame.filter(rows), scores[rows.to_numpy()])


def _count_flagged(drives: Drives) -> int:
    """Drives the rule flags: it knows two answers."""
    return int((drives.score > drives.score.min()).sum())


def _count_found(drives: Drives, alerts: int) -> dict[str, float]:
    found = float(found_with(Ranking.of(drives.label, drives.score), alerts))
    return {"alerts": alerts, "failing": round(found, 2)}
