"""The forecast of drives that are asked about one by one: from what was read to the answer."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
import numpy as np
from msgspec import Meta

from functions.errors import InvalidTelemetryError
from functions.scoring.drive_database import drive_facts
from functions.scoring.model.features import age_among
from functions.scoring.model.missing import MissingAttributes
from functions.scoring.model.one_row import explain_row, score_row
from functions.scoring.model.reasons import Reason
from functions.scoring.model.risk import EXPLAINED, EXPLAINED_FROM, LEVELS, UNKNOWN, Risk
from functions.scoring.model.scope import SCOPES, UNKNOWN_SCOPE, Scope
from functions.scoring.model.scorer import Observations, Scorer, Scores, no_lap, shortest_decimal
from functions.scoring.online.basis import Basis, BasisSentence, MissingOfDrive, StandInsTaken, basis_of
from functions.scoring.online.request_parser import Drive, describe_faults, read_drive
from functions.scoring.raw_values import decode, layouts_of
from functions.scoring.telemetry import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from functions.scoring.model.scorer import Lap
    from functions.scoring.online.request_parser import Raw

Explained = Literal["all", "risky", "none"]
"""Which drives get reasons: every one, those from medium risk on, or none."""


SCOPE_MEANING = (
    "How well the model knows the drive: trained (on this drive model and its failures), similar (another "
    "drive with platters that reports what the forecast rests on), unknown (a solid-state drive, or one that "
    "does not)."
)


class Forecast(msgspec.Struct, frozen=True, gc=False):
    """The answer for one drive on one day."""

    serial_number: Annotated[str, Meta(description="As asked.")]
    model: Annotated[str, Meta(description="As asked.")]
    date: Annotated[str, Meta(description="As asked.", extra_json_schema={"format": "date"})]
    probability: Annotated[
        Annotated[float, Meta(ge=0, le=1)] | None,
        Meta(
            description="Probability of failing within horizon_days after the date; null where the scope is "
            "unknown."
        ),
    ]
    horizon_days: Annotated[int, Meta(description="Days the forecast looks ahead.", ge=1)]
    risk: Annotated[Risk, Meta(description="Risk level; unknown where the scope is.")]
    scope: Annotated[Scope, Meta(description=SCOPE_MEANING)]
    basis: BasisSentence
    missing: MissingOfDrive
    stand_ins: StandInsTaken
    reasons: Annotated[
        list[Reason], Meta(description="At most three attributes that raise the risk, the strongest first.")
    ]
    advice: Annotated[
        str, Meta(description="Advice on the drive, by risk level; without a forecast why there is none.")
    ]
    history_days: Annotated[
        list[int],
        Meta(description="Ages in days of the earlier rows used; empty when there are none."),
    ]
    model_version: Annotated[str, Meta(description="The model version that answered.")]


def observe(drives: Sequence[Drive], scorer: Scorer) -> Observations:
    """Decode the values of at least one drive, with the earlier rows that history windows take."""
    count, width = len(drives), len(scorer.attributes)
    rows = [drive.raw for drive in drives]
    indices, found = _earlier_rows(drives, scorer, rows)
    # All rows are decoded at once: those of the day, and after them the earlier ones.
    raw = np.fromiter(chain.from_iterable(rows), dtype=np.float64, count=len(rows) * width)
    of_day = layouts_of([drive.model for drive in drives], [drive.family for drive in drives])
    layout = np.concatenate((of_day, of_day[indices])) if indices else of_day
    values = decode(raw.reshape(-1, width), scorer.attributes, layout)
    earlier: dict[int, NDArray[np.float64]] = {}
    ages: dict[int, NDArray[np.int32]] = {}
    end = 0
    for days, aged in found.items():
        start, end = end, end + len(aged)
        of_window = values[count + start : count + end]
        known = ~np.isnan(of_window).all(axis=1)
        if known.any():
            at = np.array(indices[start:end])[known]
            earlier[days] = np.full((count, width), np.nan)
            earlier[days][at] = of_window[known]
            ages[days] = np.zeros(count, dtype=np.int32)
            ages[days][at] = np.array(aged)[known]
    by_name = [_by_name(drive, scorer) for drive in drives]
    return Observations(np.array(by_name, dtype=np.int8), values[:count], earlier, ages)


def _by_name(drive: Drive, scorer: Scorer) -> int:
    """Return the code of the scope that a drive's name gives, and what smartctl says beside it."""
    return scorer.scopes.of_model(drive.model, drive.rotation_rate, drive.family)


def _earlier_rows(
    drives: Sequence[Drive], scorer: Scorer, rows: list[Raw]
) -> tuple[list[int], dict[int, list[int]]]:
    """Append the earlier row of every drive and history window, window by window, to *rows*.

    Returned are the drive of each by index, and the age in days of each by history window.
    """
    indices: list[int] = []
    ages: dict[int, list[int]] = {}
    remembered = [(index, dict(drive.history)) for index, drive in enumerate(drives) if drive.history]
    for days, served_by in scorer.model.plan.ages if remembered else ():
        aged = ages[days] = []
        for index, by_age in remembered:
            age = age_among(served_by, by_age)
            if age is not None:
                indices.append(index)
                aged.append(age)
                rows.append(by_age[age])
    return indices, ages


def forecasts(
    drives: Sequence[Drive], scorer: Scorer, explained: Explained = "all", lap: Lap = no_lap
) -> list[Forecast]:
    """Answer for drives, all in one run of the model.

    *explained* says which get reasons; *lap* is called with each stage as it ends: features, model, explain.
    """
    if not drives:
        return []
    if len(drives) == 1:
        return [_forecast_one(drives[0], scorer, explained, lap)]
    seen = observe(drives, scorer)
    scores = scorer.score(seen, lap)
    reasons = _reasons(seen, scores, scorer, explained)
    lap("explain")
    horizon, version = scorer.model.manifest.horizon_days, scorer.model.version
    # In a fleet most drives are alike: parts that several share are made once, and looked up for each.
    exact = [None if value != value else value for value in scores.probability.tolist()]  # noqa: PLR0124
    decimals = {value: None if value is None else shortest_decimal(np.float32(value)) for value in set(exact)}
    bases = _bases(drives, seen, scores, scorer)
    windows = [ages.tolist() for ages in seen.ages.values()]
    of_windows = list(zip(*windows, strict=True)) if windows else [()] * len(drives)
    history_days = {ages: sorted({age for age in ages if age}) for ages in set(of_windows)}
    no_reasons: list[Reason] = []
    date, day = drives[0].date, drives[0].date.isoformat()
    answers = []
    for index, (drive, probability, risk, scope, basis, days) in enumerate(
        zip(
            drives,
            map(decimals.__getitem__, exact),
            map(LEVELS.__getitem__, scores.risk.tolist()),
            map(SCOPES.__getitem__, scores.scope.tolist()),
            bases,
            map(history_days.__getitem__, of_windows),
            strict=True,
        )
    ):
        if drive.date != date:
            date, day = drive.date, drive.date.isoformat()
        why = reasons.get(index, no_reasons)
        serial_number, model = drive.serial_number, drive.model
        answers.append(
            Forecast(
                serial_number,
                model,
                day,
                probability,
                horizon,
                risk,
                scope,
                basis.sentence,
                basis.missing,
                basis.stand_ins,
                why,
                basis.advise(risk),
                days,
                version,
            )
        )
    return answers


def _bases(drives: Sequence[Drive], seen: Observations, scores: Scores, scorer: Scorer) -> list[Basis]:
    """Return what each forecast rests on; drives that are alike in it share one."""
    columns = {attribute: column for column, attribute in enumerate(scorer.attributes)}
    missing = MissingAttributes.of_rows(seen.now, columns).codes.tolist()
    known: dict[tuple[str, int, int, int], Basis] = {}
    found = []
    for index, key in enumerate(
        zip(
            (drive.model for drive in drives),
            seen.by_name.tolist(),
            scores.scope.tolist(),
            missing,
            strict=True,
        )
    ):
        basis = known.get(key)
        if basis is None:
            basis = known[key] = basis_of(scorer, *key[:3], seen.now[index].tolist())
        found.append(basis)
    return found


def _forecast_one(drive: Drive, scorer: Scorer, explained: Explained, lap: Lap) -> Forecast:
    by_name = _by_name(drive, scorer)
    layout = drive_facts(drive.model, drive.family).layout
    row = score_row(layout, by_name, drive.raw, drive.history, scorer, lap)
    wanted = explained == "all" or (explained == "risky" and row.risk in EXPLAINED)
    reasons = explain_row(row, scorer) if wanted else []
    lap("explain")
    basis = basis_of(scorer, drive.model, by_name, row.scope, row.now)
    return Forecast(
        drive.serial_number,
        drive.model,
        drive.date.isoformat(),
        None if row.scope == UNKNOWN_SCOPE else shortest_decimal(row.probability),
        scorer.model.manifest.horizon_days,
        row.risk,
        SCOPES[row.scope],
        basis.sentence,
        basis.missing,
        basis.stand_ins,
        reasons,
        basis.advise(row.risk),
        sorted({*row.ages.values()}) if row.ages else [],
        scorer.model.version,
    )


def _reasons(
    seen: Observations, scores: Scores, scorer: Scorer, explained: Explained
) -> dict[int, list[Reason]]:
    """Explain the rows that are to be explained; by row."""
    if explained == "none":
        return {}
    if explained == "all":
        rows = np.flatnonzero(scores.risk != UNKNOWN)
    else:
        rows = np.flatnonzero((scores.risk >= EXPLAINED_FROM) & (scores.risk != UNKNOWN))
    return dict(zip(rows.tolist(), scorer.reasons(seen, scores, rows), strict=True))


def forecast(fields: Mapping[str, Any], scorer: Scorer) -> Forecast:
    """Answer for one drive from a JSON object, see `functions.scoring.online.request_parser.read_drive`.

    Raises
    ------
    InvalidTelemetryError
        With every faulty field.
    """
    return forecasts([asked_drive(fields, scorer.attributes)], scorer)[0]


def asked_drive(
    fields: Mapping[str, Any], attributes: Sequence[int], faults: list[Fault] | None = None
) -> Drive:
    """Read one drive from a JSON object; its faults are reported together with those found elsewhere.

    Raises
    ------
    InvalidTelemetryError
        With every faulty field.
    """
    found = list(faults or [])
    drive = read_drive(fields, attributes, found)
    if drive is None or found:
        raise InvalidTelemetryError(describe_faults(found), [fault.document() for fault in found])
    return drive
