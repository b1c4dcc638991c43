"""The row contract: the columns of telemetry, the values they may take, and how a fault is described.

The limits are those of a JSON object over HTTP (`read_record`) and of the columns of a CSV block
(`functions.scoring.csv.parser`) alike.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from functions.scoring.smart import ATTRIBUTES, RAW_LIMIT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

FILE_ENDINGS = (".csv.gz", ".csv")
"""Endings of telemetry files, in any case."""

IDENTITY_COLUMNS = ("date", "serial_number", "model")
"""Columns every row must fill."""

FIRST_DATE = dt.date(2000, 1, 1)
LAST_DATE = dt.date(2099, 12, 31)
"""SMART telemetry outside these years is a clock that was never set."""

TEXT_LIMITS = {"serial_number": 64, "model": 128}
"""Longest serial number and model, in characters. ATA allows 20 and 40; enclosures and clouds add to that."""

CAPACITY_LIMIT = 2**63
"""No drive has eight exbibytes yet."""

EXPECTED = {
    "date": f"a date as YYYY-MM-DD from {FIRST_DATE} to {LAST_DATE}",
    "serial_number": f"1 to {TEXT_LIMITS['serial_number']} printable characters",
    "model": f"1 to {TEXT_LIMITS['model']} printable characters",
    "capacity_bytes": f"a whole number of bytes below {CAPACITY_LIMIT}, or nothing",
}
EXPECTED_RAW = f"a whole number from 0 to {RAW_LIMIT - 1} (six bytes), or nothing"
"""The expected content of each column, for messages and documentation."""

RAW_COLUMNS = {attribute.column: attribute.id for attribute in ATTRIBUTES.values()}
"""Raw-value columns by name."""

MISSING = ["", "NaN", "nan", "NA", "N/A", "null", "NULL", "None"]
"""Spellings of a missing value in text, as pandas, R, SQL and Python write it."""

NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
"""Pattern of a number in text: Python and Arrow each take more, and not the same."""

_FOUND_LIMIT = 80
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_IS_NUMBER = re.compile(NUMBER)
_EXACT_DIGITS = 15
_BIG = 10**_FOUND_LIMIT


def file_stem(name: str) -> str:
    """Return the path of a telemetry file without its ending: outputs and snapshots are called by it."""
    for ending in FILE_ENDINGS:
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return name


@dataclass(frozen=True, slots=True)
class Fault:
    """One unusable value: its path (``history[2].smart_5_raw``), its text, shortened, and the expectation."""

    field: str
    found: str
    expected: str

    def document(self) -> dict[str, str]:
        """Return the fault as a JSON-ready dict."""
        return {"field": self.field, "found": self.found, "expected": self.expected}


@dataclass(frozen=True, slots=True)
class Record:
    """One drive-day; raw values, (k,), are those of the attributes asked for, NaN where missing."""

    date: dt.date
    serial_number: str
    model: str
    raw: NDArray[np.float64]


def shown(value: object) -> str:
    """Return a value as people should see it in a message: short, and with its JSON type visible."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    if isinstance(value, int) and abs(value) >= _BIG:
        return f"a whole number of more than {_FOUND_LIMIT} digits"  # Python does not print the longest
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _FOUND_LIMIT else text[: _FOUND_LIMIT - 1] + "…"


def read_date(value: object) -> dt.date | None:
    """Return a date, or None where the value is not one that is allowed."""
    # fromisoformat alone takes 2014-W04-6 too
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    try:
        date = dt.date.fromisoformat(value)
    except ValueError:
        return None
    return date if FIRST_DATE <= date <= LAST_DATE else None


def read_raw(value: object) -> float | None:
    """Return a raw value as a float, NaN for a missing one, None where it is not allowed.

    Whole numbers written with a fraction (``194909408.0``, as releases from 2025 on have them) are accepted.
    """
    if value is None:
        return float("nan")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not 0 <= value < RAW_LIMIT or value != int(value):
        return None
    return float(value)


def read_number(text: str) -> int | float | str | None:
    """Return the number that a field of a CSV is, None where it says that there is none, else the text."""
    text = text.strip()
    if text in MISSING:
        return None
    if not _IS_NUMBER.fullmatch(text):
        return text
    return int(text) if text.isdigit() and len(text) <= _EXACT_DIGITS else float(text)


def read_text(value: object, limit: int) -> str | None:
    """Return a serial number or model without the blanks around it, None where it is not allowed."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    return text if 0 < len(text) <= limit and text.isprintable() else None


def read_record(
    fields: Mapping[str, Any], attributes: Sequence[int], faults: list[Fault], prefix: str = ""
) -> Record | None:
    """Read one drive-day from a JSON object with the telemetry's own column names; None when it has a fault.

    Parameters
    ----------
    fields : mapping
        Unknown fields are ignored; raw values may be missing or null.
    attributes : sequence of int
        The SMART attributes to read. Every known attribute is checked, read or not, so that a typo in a value
        is reported whatever the model.
    faults : list of Fault
        Every fault found is appended.
    prefix : str
        Path of the object within the request.
    """
    before = len(faults)

    def fault(field: str, expected: str) -> None:
        faults.append(Fault(prefix + field, shown(fields.get(field)), expected))

    date = read_date(fields.get("date"))
    if date is None:
        fault("date", EXPECTED["date"])
    texts: dict[str, str] = {}
    for field, limit in TEXT_LIMITS.items():
        text = read_text(fields.get(field), limit)
        if text is None:
            fault(field, EXPECTED[field])
        else:
            texts[field] = text
    capacity = fields.get("capacity_bytes")
    if capacity is not None and (
        isinstance(capacity, bool)
        or not isinstance(capacity, int | float)
        or not 0 <= capacity < CAPACITY_LIMIT
        or capacity != int(capacity)
    ):
        fault("capacity_bytes", EXPECTED["capacity_bytes"])
    values: dict[int, float] = {}
    for field in fields.keys() & RAW_COLUMNS.keys():
        value = read_raw(fields[field])
        if value is None:
            fault(field, EXPECTED_RAW)
        else:
            values[RAW_COLUMNS[field]] = value
    if len(faults) > before or date is None:
        faults[before:] = sorted(faults[before:], key=lambda item: item.field)
        return None
    raw = np.array([values.get(attribute, np.nan) for attribute in attributes], dtype=np.float64)
    return Record(date, texts["serial_number"], texts["model"], raw)
