"""The forecast of drives that are asked about one by one: from what was read to the answer."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
import numpy as np
from msgspec import Meta

from functions.errors import InvalidTelemetryError
from functions.scoring.drive_reading import Drive, complaint, read_drive
from functions.scoring.lone_drive import reasons_of_lone_drive, score_lone_drive
from functions.scoring.reasons import Reason
from functions.scoring.risk import ADVICE, EXPLAINED, EXPLAINED_FROM, LEVELS, UNKNOWN, Risk
from functions.scoring.scorer import Observations, Scorer, Scores, no_lap
from functions.scoring.smart import decode, vendor_of
from functions.scoring.telemetry import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from functions.scoring.scorer import Lap

Explained = Literal["all", "risky", "none"]
"""Which drives get reasons: every one, those from medium risk on, or none."""


class Forecast(msgspec.Struct, frozen=True, gc=False):
    """The answer for one drive on one day."""

    serial_number: Annotated[str, Meta(description="As asked.")]
    model: Annotated[str, Meta(description="As asked.")]
    date: Annotated[str, Meta(description="As asked.", extra_json_schema={"format": "date"})]
    probability: Annotated[
        float, Meta(description="Probability of failing within horizon_days after the date.", ge=0, le=1)
    ]
    horizon_days: Annotated[int, Meta(description="Days the forecast looks ahead.", ge=1)]
    risk: Annotated[
        Risk, Meta(description="Risk level; unknown when the drive reports nothing the forecast rests on.")
    ]
    reasons: Annotated[
        list[Reason], Meta(description="What raises the risk most, the strongest first; at most three.")
    ]
    advice: Annotated[str, Meta(description="What to do about the drive.")]
    history_days: Annotated[
        list[int],
        Meta(description="Ages in days of the earlier rows used; empty when there are none."),
    ]
    model_version: Annotated[str, Meta(description="The model version that answered.")]


def observe(drives: Sequence[Drive], scorer: Scorer) -> Observations:
    """Decode the values of drives, and pick the earlier rows that a history window would take from snapshots.

    Parameters
    ----------
    drives : sequence of Drive
        At least one.
    scorer : Scorer
    """
    attributes = scorer.attributes
    raw = np.array([drive.raw for drive in drives], dtype=np.float64)
    seagate = _seagate(drives)
    earlier: dict[int, NDArray[np.float64]] = {}
    ages: dict[int, NDArray[np.int32]] = {}
    remembered = [(place, dict(drive.history)) for place, drive in enumerate(drives) if drive.history]
    for window in scorer.model.plan.windows if remembered else ():
        places, found, rows = [], [], []
        for place, by_age in remembered:
            age = next((age for age in window.ages() if age in by_age), None)
            if age is not None:
                places.append(place)
                found.append(age)
                rows.append(by_age[age])
        if not places:
            continue
        values = decode(np.array(rows, dtype=np.float64), attributes, seagate[places])
        told = ~np.isnan(values).all(axis=1)
        if told.any():
            at = np.array(places)[told]
            earlier[window.days] = np.full(raw.shape, np.nan)
            earlier[window.days][at] = values[told]
            ages[window.days] = np.zeros(len(raw), dtype=np.int32)
            ages[window.days][at] = np.array(found)[told]
    return Observations(decode(raw, attributes, seagate), earlier, ages)


def _seagate(drives: Sequence[Drive]) -> NDArray[np.bool_]:
    known: dict[str, bool] = {}
    flags = []
    for drive in drives:
        flag = known.get(drive.model)
        if flag is None:
            flag = known[drive.model] = vendor_of(drive.model) == "seagate"
        flags.append(flag)
    return np.array(flags)


def forecasts(
    drives: Sequence[Drive], scorer: Scorer, explained: Explained = "all", lap: Lap = no_lap
) -> list[Forecast]:
    """Answer for drives, all in one run of the model.

    Parameters
    ----------
    drives : sequence of Drive
    scorer : Scorer
    explained : {"all", "risky", "none"}
        Which of them get reasons.
    lap : callable
        Told the name of each stage as it ends: features, model, explain.
    """
    if not drives:
        return []
    if len(drives) == 1:
        return [_forecast_alone(drives[0], scorer, explained, lap)]
    seen = observe(drives, scorer)
    scores = scorer.score(seen, lap)
    reasons = _reasons(seen, scores, scorer, explained)
    lap("explain")
    horizon, version = scorer.model.manifest.horizon_days, scorer.model.version
    windows = [ages.tolist() for ages in seen.ages.values()]
    of_windows = zip(*windows, strict=True) if windows else repeat((), len(drives))
    answers = []
    # In a fleet most drives are alike: a look-up takes less than the shortest decimal of a float32 does.
    shortest: dict[float, float] = {}
    history_days: dict[tuple[int, ...], list[int]] = {}
    rows = zip(drives, scores.risk.tolist(), scores.probability.tolist(), of_windows, strict=True)
    for place, (drive, code, exact, ages) in enumerate(rows):
        risk = LEVELS[code]
        probability = shortest.get(exact)
        if probability is None:
            probability = shortest[exact] = shortest_decimal(scores.probability[place])
        days = history_days.get(ages)
        if days is None:
            days = history_days[ages] = sorted({age for age in ages if age})
        answers.append(
            Forecast(
                drive.serial_number,
                drive.model,
                drive.date.isoformat(),
                probability,
                horizon,
                risk,
                reasons.get(place, []),
                ADVICE[risk],
                days,
                version,
            )
        )
    return answers


def shortest_decimal(probability: np.float32) -> float:
    """Return the shortest decimal that is this float32, as in the scored CSV."""
    return float(str(probability))


def _forecast_alone(drive: Drive, scorer: Scorer, explained: Explained, lap: Lap) -> Forecast:
    lone = score_lone_drive(drive, scorer, lap)
    wanted = explained == "all" or (explained == "risky" and lone.risk in EXPLAINED)
    reasons = reasons_of_lone_drive(lone, scorer) if wanted else []
    lap("explain")
    return Forecast(
        drive.serial_number,
        drive.model,
        drive.date.isoformat(),
        shortest_decimal(lone.probability),
        scorer.model.manifest.horizon_days,
        lone.risk,
        reasons,
        ADVICE[lone.risk],
        sorted({*lone.ages.values()}),
        scorer.model.version,
    )


def _reasons(
    seen: Observations, scores: Scores, scorer: Scorer, explained: Explained
) -> dict[int, list[Reason]]:
    """Explain the rows that are to be explained; by row."""
    if explained == "none":
        return {}
    if explained == "all":
        rows = np.arange(len(scores.risk))
    else:
        rows = np.flatnonzero((scores.risk >= EXPLAINED_FROM) & (scores.risk != UNKNOWN))
    return dict(zip(rows.tolist(), scorer.reasons(seen, scores, rows), strict=True))


def forecast(fields: Mapping[str, Any], scorer: Scorer) -> Forecast:
    """Answer for one drive, from a JSON object.

    Parameters
    ----------
    fields : mapping
        See `functions.scoring.drive_reading.read_drive`.
    scorer : Scorer

    Raises
    ------
    InvalidTelemetryError
        With every faulty field.
    """
    return forecasts([asked_drive(fields, scorer.attributes)], scorer)[0]


def asked_drive(
    fields: Mapping[str, Any], attributes: Sequence[int], faults: list[Fault] | None = None
) -> Drive:
    """Read one drive from a JSON object.

    Parameters
    ----------
    fields : mapping
    attributes : sequence of int
    faults : list of Fault, optional
        Faults found elsewhere in the request, to be reported together.

    Raises
    ------
    InvalidTelemetryError
        With every faulty field.
    """
    found = list(faults or [])
    drive = read_drive(fields, attributes, found)
    if drive is None or found:
        raise InvalidTelemetryError(complaint(found), [fault.document() for fault in found])
    return drive
