"""Months on which a version is compared with an earlier one, as both would have been served then.

One window is the last month of the main fleet; the others are months of other fleets' drive models. Before
each, a version has been fitted, calibrated and given thresholds on what was known then. The earlier version
is scored as it is served on drive models that it never saw; on the main fleet, whose days it knows, its
recipe stands in for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import polars as pl
from scipy.special import expit

from functions.scoring.model.manifest import Thresholds
from functions.scoring.model.onnx_model import Model
from functions.scoring.smart import ERROR_ATTRIBUTES
from training.fitting.candidates import Candidate
from training.fitting.fleet import Fleet
from training.fitting.fleet_draws import fleet_draws
from training.fitting.members import decision
from training.fitting.platt import Floats
from training.fitting.unique_values import DistinctValues
from training.metrics.bands import probability_bands
from training.metrics.families import family_of
from training.metrics.scope_quality import drive_numbers
from training.metrics.window_scores import Decisions, WindowScores, risk_levels
from training.selection.forward_test import RESAMPLES
from training.selection.out_of_fold import Scored, score_out_of_fold

WINDOW_DAYS = 31
"""Length of the main fleet's window, its last labelled days."""

REFITTED, SERVED = "by its recipe, fitted before the window", "as it is served"


@dataclass(frozen=True)
class Earlier:
    """The version that is compared with.

    Attributes
    ----------
    recipe : Candidate
        Makes such a version.
    model : Model
        As it is served.
    """

    recipe: Candidate
    model: Model


@dataclass(frozen=True)
class _Window:
    """A month of drives, scored by both versions."""

    name: str
    scope: str
    frame: pl.DataFrame
    values: DistinctValues
    own: tuple[Floats, Thresholds]
    previous: tuple[Floats, Thresholds] | None
    basis: str = ""


def compare_on_windows(
    version: str,
    candidate: Candidate,
    fleet: Fleet,
    similar: Scored | None,
    thresholds: Thresholds,
    earlier: Earlier | None,
    *,
    seed: int,
) -> tuple[WindowScores | None, dict[str, Any]]:
    """Score every window.

    Parameters
    ----------
    candidate : Candidate
        The recipe of the version.
    similar : Scored or None
        Of `training.selection.similar.score_similar`.
    thresholds : Thresholds
        Of the release, where levels begin for drives of other models too.
    earlier : Earlier or None
        None for figures of the version alone.

    Returns
    -------
    scores : WindowScores or None
        None where no window has a failing drive.
    record : dict
        For evaluation.json: ``windows`` (name, scope, days, thresholds, how the earlier version was scored)
        and ``calibration``, by scope: failures expected and seen by band, over all windows.
    """
    windows = [
        *_trained_windows(candidate, fleet, earlier, seed),
        *_similar(similar, thresholds, earlier, fleet),
    ]
    windows = [window for window in windows if window.frame["label"].sum()]
    if not windows:
        return None, {}
    record = {
        "previous": earlier.model.version if earlier else None,
        "windows": [_describe(window, earlier) for window in windows],
        "calibration": {
            scope: _calibration([window for window in windows if window.scope == scope], seed)
            for scope in dict.fromkeys(window.scope for window in windows)
        },
    }
    return _scores(version, windows, earlier), record


def _trained_windows(candidate: Candidate, fleet: Fleet, earlier: Earlier | None, seed: int) -> list[_Window]:
    last: dt.date = fleet.labelled["date"].max()  # type: ignore[assignment]
    first = last - dt.timedelta(days=WINDOW_DAYS - 1)
    before = first - dt.timedelta(days=fleet.horizon_days)
    if not fleet.trainable(before)["label"].sum():
        return []
    frame = fleet.labelled.filter(pl.col("date") >= first)
    name = f"{', '.join(fleet.drive_models)}, {first} to {last}"

    def served(recipe: Candidate, *, matched: bool) -> tuple[Floats, Thresholds]:
        scored = score_out_of_fold(recipe, fleet, before, seed=seed)
        calibration = scored.fit_matched() if matched else scored.fit_platt()
        ranker = recipe.fit(fleet_draws(fleet, fleet.trainable(before), before), seed)
        matrix, _, index = fleet.values.select(frame["row"].to_numpy(), recipe.features)
        return calibration.probability(decision(ranker, matrix)[index]), scored.thresholds(calibration)

    own = served(candidate, matched=True)
    previous = served(earlier.recipe, matched=False) if earlier else None
    return [_Window(name, "trained", frame, fleet.reported, own, previous, REFITTED)]


def _similar(
    similar: Scored | None, thresholds: Thresholds, earlier: Earlier | None, fleet: Fleet
) -> list[_Window]:
    if similar is None:
        return []
    windows = []
    horizon = pl.duration(days=fleet.horizon_days)
    for first in similar.frame["block"].unique().sort().to_list()[1:]:
        known = similar.filter(similar.frame.select(pl.col("date") + horizon < first).to_series())
        calibration = known.fit_matched()
        following = (first + dt.timedelta(days=WINDOW_DAYS)).replace(day=1)
        inside = (similar.frame["block"] == first) & (similar.frame["date"] < following)
        window = similar.filter(inside)
        own = calibration.probability(window.average), thresholds
        name = f"other models, {first:%Y-%m}"
        previous = _as_served(earlier.model, window.frame, similar.reported) if earlier else None
        windows.append(_Window(name, "similar", window.frame, similar.reported, own, previous, SERVED))
    return windows


def _as_served(model: Model, frame: pl.DataFrame, reported: DistinctValues) -> tuple[Floats, Thresholds]:
    values = reported.standing_in(model.manifest.stand_ins)
    matrix, _, index = values.select(frame["row"].to_numpy(), model.manifest.features)
    log_odds = model.predict(matrix)[0].astype(np.float64)
    similar = model.manifest.similar
    thresholds = model.manifest.thresholds
    if similar is not None:
        log_odds = similar.calibration.scale * log_odds + similar.calibration.offset
        thresholds = similar.thresholds
    return np.asarray(expit(log_odds))[index], thresholds


def _describe(window: _Window, earlier: Earlier | None) -> dict[str, Any]:
    first, last = window.frame.select(first=pl.col("date").min(), last=pl.col("date").max()).row(0)
    return {
        "name": window.name,
        "scope": window.scope,
        "days": [first.isoformat(), last.isoformat()],
        "thresholds": _ascending(window.own[1]),
        "previous_thresholds": _ascending(window.previous[1]) if window.previous else None,
        "previous_scored": window.basis if earlier else None,
    }


def _ascending(thresholds: Thresholds) -> list[float]:
    return [thresholds.medium, thresholds.high, thresholds.critical]


def _calibration(windows: Sequence[_Window], seed: int) -> dict[str, Any]:
    """Return failures expected and seen by band, over the windows of one scope, for both versions."""
    drive = drive_numbers(_serials(windows)).to_numpy()
    label = np.concatenate([window.frame["label"].to_numpy() for window in windows])
    sides = {"own": [window.own[0] for window in windows]}
    if all(window.previous for window in windows):
        sides["previous"] = [window.previous[0] for window in windows if window.previous]
    found: dict[str, Any] = {}
    for side, parts in sides.items():
        bands, above = probability_bands(drive, label, np.concatenate(parts), resamples=RESAMPLES, seed=seed)
        found[side] = {"bands": msgspec.to_builtins(bands), "above": above._asdict()}
    return found


def _serials(windows: Sequence[_Window]) -> pl.Series:
    return pl.concat([window.frame["serial_number"].cast(pl.String) for window in windows])


def _scores(version: str, windows: Sequence[_Window], earlier: Earlier | None) -> WindowScores:
    tables = [_decide(window).with_columns(window=pl.lit(number)) for number, window in enumerate(windows)]
    table = pl.concat(tables)
    names = {model: family_of(model) for model in table["model"].unique().to_list()}
    families = sorted(set(names.values()))
    family = table["model"].replace_strict(names, return_dtype=pl.String)
    number = family.replace_strict(
        {name: index for index, name in enumerate(families)}, return_dtype=pl.Int16
    )
    return WindowScores(
        windows=tuple(window.name for window in windows),
        families=tuple(families),
        similar=tuple(window.scope == "similar" for window in windows),
        window=table["window"].cast(pl.Int8).to_numpy(),
        family=number.to_numpy(),
        drive=drive_numbers(table["serial_number"]).cast(pl.Int32).to_numpy(),
        label=table["label"].cast(pl.Int8).to_numpy(),
        rule=table["rule"].cast(pl.Int8).to_numpy(),
        own=_decisions(version, table, "own"),
        previous=_decisions(earlier.model.version, table, "previous") if earlier else None,
    )


def _decisions(version: str, table: pl.DataFrame, side: str) -> Decisions:
    return Decisions(
        version,
        table[f"{side}_score"].cast(pl.Float32).to_numpy(),
        table[f"{side}_level"].cast(pl.Int8).to_numpy(),
    )


def _decide(window: _Window) -> pl.DataFrame:
    """Return one row for every drive of a window, in order of serial number."""
    worn = window.values.worn(ERROR_ATTRIBUTES)[window.frame["row"].to_numpy()]
    rows = window.frame.select(
        pl.col("serial_number", "model").cast(pl.String), "label", rule=pl.Series(worn).cast(pl.Int8)
    )
    sides = [("own", window.own)] + ([("previous", window.previous)] if window.previous else [])
    for side, (probability, thresholds) in sides:
        level = risk_levels(probability, _ascending(thresholds))
        rows = rows.with_columns(pl.Series(f"{side}_score", probability), pl.Series(f"{side}_level", level))
    return (
        rows.group_by("serial_number")
        .agg(pl.col("model").first(), pl.exclude("serial_number", "model").max())
        .sort("serial_number")
    )
