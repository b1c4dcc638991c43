"""Each candidate's forward test: fitted on train, calibrated on validation, measured on test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from functions.scoring.model.features import Feature
from functions.scoring.model.manifest import Thresholds
from training.fitting.candidates import Candidate, Ranker
from training.fitting.members import decision
from training.fitting.platt import Calibration, fit_platt
from training.fitting.training_rows import Draws
from training.fitting.unique_values import DistinctValues
from training.metrics import evaluate
from training.metrics.decisions import decide, drives_of
from training.metrics.horizons import by_horizon
from training.metrics.thresholds import BUDGETS, choose_thresholds

Floats = npt.NDArray[np.float64]

RESAMPLES = 300
"""Bootstrap resamples of the drives, for each interval."""


@dataclass(frozen=True)
class Part:
    """Rows of validation or test, at natural prevalence.

    Attributes
    ----------
    frame : polars.DataFrame
        serial_number, date, model, label, days_to_failure, drive_seen, model_seen.
    values : DistinctValues
        Looked up by the frame's column ``row``; nothing hidden.
    """

    frame: pl.DataFrame
    values: DistinctValues

    def score(self, ranker: Ranker, features: Sequence[Feature], *, history: bool = True) -> Floats:
        """Return the (n,) uncalibrated log-odds that a fitted candidate gives the rows."""
        values = self.values if history else self.values.without_history()
        matrix, _, index = values.select(self.frame["row"].to_numpy(), features)
        return decision(ranker, matrix)[index]

    @property
    def label(self) -> npt.NDArray[np.int8]:
        """0 or 1, shape (n,)."""
        return self.frame["label"].to_numpy()


@dataclass(frozen=True)
class Tested:
    """A candidate after its forward test.

    Attributes
    ----------
    ranker : Ranker
        Fitted on train.
    thresholds : Thresholds
        Both from validation.
    probability : (n,) array of float64
        Of the test rows.
    figures : dict
        For evaluation.json.
    """

    candidate: Candidate
    ranker: Ranker
    calibration: Calibration
    thresholds: Thresholds
    probability: Floats
    figures: dict[str, Any]


def forward_test(
    candidate: Candidate, draws: Draws, validation: Part, test: Part, *, horizon_days: int, seed: int
) -> Tested:
    """Fit, calibrate, choose thresholds and measure one candidate.

    Parameters
    ----------
    draws : Draws
        Of the training part.
    seed : int
        Of draws, members and bootstrap.
    """
    ranker, calibration, thresholds = fit_calibrated(candidate, draws, validation, seed)
    probability = calibration.probability(test.score(ranker, candidate.features))
    without = calibration.probability(test.score(ranker, candidate.features, history=False))
    figures = {
        "title": candidate.title,
        "features": [feature.name for feature in candidate.features],
        "calibration": calibration._asdict(),
        "thresholds": msgspec.to_builtins(thresholds),
        **measure(test.frame, probability, levels(thresholds), seed),
        "without_history": _brief(test.frame, without),
        "shorter_horizons": by_horizon(test.frame, probability, horizon_days),
    }
    return Tested(candidate, ranker, calibration, thresholds, probability, figures)


def fit_calibrated(
    candidate: Candidate, draws: Draws, validation: Part, seed: int
) -> tuple[Ranker, Calibration, Thresholds]:
    """Fit a candidate on the drawn rows; calibrate it and choose its thresholds on validation."""
    ranker = candidate.fit(draws, seed)
    average = validation.score(ranker, candidate.features)
    calibration = fit_platt(average, validation.label)
    thresholds = choose_thresholds(drives_of(validation.frame, calibration.probability(average)))
    return ranker, calibration, thresholds


def levels(thresholds: Thresholds) -> dict[str, float]:
    """Return the threshold of every risk level by name."""
    return {level: getattr(thresholds, level) for level in BUDGETS}


def measure(
    frame: pl.DataFrame, probability: Floats, thresholds: Mapping[str, float], seed: int
) -> dict[str, Any]:
    """Return the figures of all drives, of those (and drive models) seen in training and not, and by model.

    Parameters
    ----------
    probability : (n,) array of float64
    seed : int
        Of the bootstrap.
    """
    seen = frame["drive_seen"].to_numpy()
    segments = {"all_drives": np.ones(len(seen), bool), "known_drives": seen, "unseen_drives": ~seen}
    model_seen = frame["model_seen"].to_numpy()
    if not model_seen.all():
        segments |= {"known_models": model_seen, "unseen_models": ~model_seen}
    figures: dict[str, Any] = {
        name: evaluate.evaluate(
            frame.filter(pl.Series(rows)), probability[rows], thresholds, seed=seed, resamples=RESAMPLES
        )
        for name, rows in segments.items()
        if rows.any()
    }
    figures["last_row_per_drive"] = _by_last_row(frame, probability)
    figures["drive_models"] = by_drive_model(frame, probability, thresholds)
    return figures


def by_drive_model(
    frame: pl.DataFrame, probability: Floats, thresholds: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """Return the ranking figures of every drive model with a failing drive, and its decisions."""
    found = {}
    for model in sorted(frame.filter(pl.col("label") == 1)["model"].unique().to_list()):
        rows = frame["model"] == model
        of_model = frame.filter(rows)
        drives = drives_of(of_model, probability[rows.to_numpy()])
        found[model] = evaluate.rank(drives.label, drives.score)
        if "model_seen" in frame.columns:
            found[model]["seen"] = bool(of_model["model_seen"].all())
        if thresholds:
            found[model]["decisions"] = {
                level: decide(drives, threshold).as_json() for level, threshold in thresholds.items()
            }
    return found


def _brief(frame: pl.DataFrame, probability: Floats) -> dict[str, Any]:
    drives = drives_of(frame, probability)
    return evaluate.rank(drives.label, drives.score)


def _by_last_row(frame: pl.DataFrame, probability: Floats) -> dict[str, Any]:
    """Decide by each drive's last row alone; a drive whose last row is negative counts as healthy."""
    last = (
        frame.select("serial_number", "date", "label")
        .with_columns(pl.Series("score", probability))
        .sort("serial_number", "date")
        .group_by("serial_number", maintain_order=True)
        .last()
    )
    return evaluate.rank(last["label"].to_numpy(), last["score"].to_numpy())


def headline(tested: Tested) -> dict[str, Any]:
    """Return the headline figures of a test, for the manifest."""
    everything = tested.figures["all_drives"]
    return {
        "decided_per": "drive",
        **{
            key: everything["drives"][key]
            for key in ("count", "positives", "prevalence", "average_precision", "roc_auc", "recall_at_fpr")
        },
        "average_precision_95": everything["intervals"].get("average_precision"),
        "row_level": {
            key: everything["rows"][key] for key in ("prevalence", "average_precision", "brier", "ece")
        },
        "decisions": everything["decisions"],
    }
