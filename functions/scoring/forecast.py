"""The forecast of one drive, from a JSON object to the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from functions.errors import InvalidTelemetryError
from functions.scoring.reasons import Reason
from functions.scoring.risk import ADVICE
from functions.scoring.scorer import Observations, Scorer
from functions.scoring.smart import decode, vendor_of
from functions.scoring.telemetry import Fault, Record, read_record, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

HISTORY_LIMIT = 100
"""Most earlier rows a request may carry: five weeks of days, three times over."""


class Forecast(msgspec.Struct, frozen=True):
    """The answer for one drive-day.

    Attributes
    ----------
    serial_number, model, date : str
        As asked.
    probability : float
        Probability of failing within `horizon_days` after the date.
    horizon_days : int
    risk : {"low", "medium", "high", "critical", "unknown"}
    reasons : list of Reason
    advice : str
    history_days : list of int
        Ages in days of the earlier rows that were used; empty when the forecast rests on the date alone.
    model_version : str
    """

    serial_number: str
    model: str
    date: str
    probability: float
    horizon_days: int
    risk: str
    reasons: list[Reason]
    advice: str
    history_days: list[int]
    model_version: str


def _read_history(
    fields: Mapping[str, Any], current: Record | None, scorer: Scorer, faults: list[Fault]
) -> list[Record]:
    """Read the earlier rows; serial number and model are those of the drive unless a row says so itself."""
    rows = fields.get("history")
    if rows is None:
        return []
    if not isinstance(rows, list) or len(rows) > HISTORY_LIMIT:
        faults.append(
            Fault("history", shown(rows), f"a list of at most {HISTORY_LIMIT} earlier rows of the drive")
        )
        return []
    identity = {name: fields.get(name) for name in ("serial_number", "model")}
    records = []
    for place, row in enumerate(rows):
        path = f"history[{place}]"
        if not isinstance(row, dict):
            faults.append(Fault(path, shown(row), "an object with the columns of an earlier row"))
            continue
        before = len(faults)
        earlier = read_record({**identity, **row}, scorer.attributes, faults, f"{path}.")
        if current is None and len(faults) > before:
            # The drive's own serial number or model is at fault, and is reported once already.
            faults[before:] = [
                f for f in faults[before:] if f.field.removeprefix(f"{path}.") in row.keys() | {"date"}
            ]
        if earlier is None or current is None:
            continue
        if earlier.serial_number != current.serial_number:
            faults.append(
                Fault(f"{path}.serial_number", shown(earlier.serial_number), "the drive's own serial number")
            )
        elif earlier.date >= current.date:
            faults.append(Fault(f"{path}.date", str(earlier.date), f"a date before {current.date}"))
        else:
            records.append(earlier)
    return records


def forecast(fields: Mapping[str, Any], scorer: Scorer) -> Forecast:
    """Answer for one drive.

    Parameters
    ----------
    fields : mapping
        The telemetry's own columns, and optionally ``history``: a list of earlier rows of the same drive, in
        any order. Of these, the rows that a history window would take from snapshots are used.
    scorer : Scorer

    Raises
    ------
    InvalidTelemetryError
        With every faulty field.
    """
    faults: list[Fault] = []
    current = read_record(fields, scorer.attributes, faults)
    history = _read_history(fields, current, scorer, faults)
    if faults or current is None:
        names = ", ".join(fault.field for fault in faults)
        msg = f"{len(faults)} field{'s' if len(faults) > 1 else ''} cannot be used: {names}."
        raise InvalidTelemetryError(msg, [fault.document() for fault in faults])
    seagate = np.array([vendor_of(current.model) == "seagate"])
    by_age = {(current.date - record.date).days: record for record in history}
    earlier, ages = {}, {}
    for window in scorer.model.plan.windows:
        age = next((age for age in window.ages() if age in by_age), None)
        if age is not None:
            values = decode(by_age[age].raw[np.newaxis], scorer.attributes, seagate)
            if not np.isnan(values).all():
                earlier[window.days] = values
                ages[window.days] = np.array([age], dtype=np.int32)
    seen = Observations(decode(current.raw[np.newaxis], scorer.attributes, seagate), earlier, ages)
    scores = scorer.score(seen)
    risk = scores.level(0)
    return Forecast(
        serial_number=current.serial_number,
        model=current.model,
        date=current.date.isoformat(),
        # the shortest decimal that is this float32, as in the scored CSV
        probability=float(str(scores.probability[0])),
        horizon_days=scorer.model.manifest.horizon_days,
        risk=risk,
        reasons=scorer.reasons(seen, scores, np.arange(1))[0],
        advice=ADVICE[risk],
        history_days=sorted({int(age[0]) for age in ages.values()}),
        model_version=scorer.model.version,
    )
