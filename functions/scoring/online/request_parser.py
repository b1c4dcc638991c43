"""From a request's JSON to the drives it asks about; every fault is collected, none ends the reading."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from functions.scoring.online.request_types import HISTORY_LIMIT, Row
from functions.scoring.telemetry import (
    FIRST_DATE,
    LAST_DATE,
    TEXT_LIMITS,
    Fault,
    read_record,
    read_text,
    show_value,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    type Raw = Sequence[float | None] | NDArray[Any]


class Drive(msgspec.Struct, frozen=True, gc=False):
    """One drive of a request.

    Attributes
    ----------
    raw : sequence of float or None
        Raw values of the attributes asked for; None or NaN where missing.
    history : list of (int, sequence)
        Age in days and raw values of earlier rows of the drive.
    rotation_rate : int or None
        Turns a minute, 0 for a solid-state drive; None where nobody said, as telemetry does not.
    family : str
        Drive family as smartctl states it; empty where it does not.
    """

    date: dt.date
    serial_number: str
    model: str
    raw: Raw
    history: list[tuple[int, Raw]]
    rotation_rate: int | None = None
    family: str = ""


_SERIAL, _MODEL = TEXT_LIMITS["serial_number"], TEXT_LIMITS["model"]


@lru_cache(maxsize=256)
def _read_model(text: str) -> str | None:
    """Return a model without the blanks around it, None where it cannot be used; fleets have few of them."""
    return read_text(text, _MODEL)


def drive_of(row: Row, raw: Callable[[Row], Raw]) -> Drive | None:
    """Return the drive of a decoded `DriveDay`; None where `read_drive` has to find the fault.

    *raw* is a getter of `functions.scoring.online.request_types.raw_getter`.
    """
    serial, model, date = row.serial_number, row.model, row.date
    if not (serial.isalnum() and serial.isascii() and len(serial) <= _SERIAL):
        serial = read_text(serial, _SERIAL)
    # A text longer than the limit is read anew, so as not to be kept.
    model = _read_model(model) if len(model) <= _MODEL else read_text(model, _MODEL)
    if serial is None or model is None or not FIRST_DATE <= date <= LAST_DATE:
        return None
    history: list[tuple[int, Raw]] = []
    rows = row.history
    if rows:
        if len(rows) > HISTORY_LIMIT:
            return None
        for earlier in rows:
            if earlier.serial_number is not None or earlier.model is not None:
                return None
            before = earlier.date
            age = (date - before).days
            if age <= 0 or before < FIRST_DATE:
                return None
            history.append((age, raw(earlier)))
    return Drive(date, serial, model, raw(row), history)


def read_drive(
    fields: Mapping[str, Any],
    attributes: Sequence[int],
    faults: list[Fault],
    prefix: str = "",
    *,
    family: str = "",
    needed: Container[int] | None = None,
) -> Drive | None:
    """Read one drive from a JSON object, None when it has a fault; the last word on what is accepted.

    Parameters
    ----------
    fields : mapping
        The telemetry's own columns, and optionally ``history``: a list of earlier rows of the same drive, in
        any order; serial number and model are those of the drive unless a row says so itself.
    attributes : sequence of int
        The SMART attributes to read; of the others any value will do.
    faults : list of Fault
        Every fault found is appended.
    prefix : str
        Path of the object within the request.
    family, needed
        See `functions.scoring.telemetry.read_record`.
    """
    before = len(faults)
    current = read_record(fields, attributes, faults, prefix, family=family, needed=needed)
    rows = fields.get("history")
    if rows is None:
        rows = []
    elif not isinstance(rows, list) or len(rows) > HISTORY_LIMIT:
        expected = f"a list of at most {HISTORY_LIMIT} earlier rows of the drive"
        faults.append(Fault(f"{prefix}history", show_value(rows), expected))
        rows = []
    names = {name: fields.get(name) for name in ("serial_number", "model")}
    history: list[tuple[int, Raw]] = []
    for index, row in enumerate(rows):
        path = f"{prefix}history[{index}]"
        if not isinstance(row, dict):
            faults.append(Fault(path, show_value(row), "an object with the columns of an earlier row"))
            continue
        found = len(faults)
        # Null is left out, as with every other column.
        own = {name: value for name, value in names.items() if row.get(name) is None}
        earlier = read_record({**row, **own}, attributes, faults, f"{path}.", family=family, needed=needed)
        if current is None and len(faults) > found:
            # The drive's own serial number or model is at fault, and is reported once already.
            faults[found:] = [f for f in faults[found:] if f.field.removeprefix(f"{path}.") not in own]
        if earlier is None or current is None:
            continue
        if earlier.serial_number != current.serial_number:
            faults.append(
                Fault(
                    f"{path}.serial_number",
                    show_value(earlier.serial_number),
                    "the drive's own serial number",
                )
            )
        elif earlier.model != current.model:
            faults.append(Fault(f"{path}.model", show_value(earlier.model), "the drive's own model"))
        elif earlier.date >= current.date:
            faults.append(Fault(f"{path}.date", str(earlier.date), f"a date before {current.date}"))
        else:
            history.append(((current.date - earlier.date).days, earlier.raw))
    if current is None or len(faults) > before:
        return None
    return Drive(current.date, current.serial_number, current.model, current.raw, history, family=family)


def describe_faults(faults: Sequence[Fault]) -> str:
    """Return one sentence that names the faulty fields."""
    names = ", ".join(fault.field for fault in faults)
    return f"{len(faults)} field{'s' if len(faults) > 1 else ''} cannot be used: {names}."
