"""The row contract: the columns of telemetry, the values they may take, and how a fault is described.

The limits are those of a JSON object over HTTP (`read_record`) and of the columns of a CSV block
(`functions.scoring.csv.parser`) alike.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from functions.scoring.drive_database import drive_facts
from functions.scoring.raw_values import EXACT_LIMIT, RAW_LIMIT, SIX_BYTES, exact, packing_of
from functions.scoring.smart import ATTRIBUTES

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from numpy.typing import NDArray

    from functions.scoring.raw_values import Packing

JSON_ENDINGS = (".json.gz", ".json")
"""Endings of files of what smartctl prints, in any case."""

FILE_ENDINGS = (".csv.gz", ".csv", *JSON_ENDINGS)
"""Endings of telemetry files, in any case."""

IDENTITY_COLUMNS = ("date", "serial_number", "model")
"""Columns every row must fill."""

FIRST_DATE = dt.date(2000, 1, 1)
LAST_DATE = dt.date(2099, 12, 31)
"""SMART telemetry outside these years is a clock that was never set."""

TEXT_LIMITS = {"serial_number": 64, "model": 128}
"""Longest serial number and model, in characters. ATA allows 20 and 40; enclosures and clouds add to that."""

EXPECTED = {
    "date": f"a date as YYYY-MM-DD from {FIRST_DATE} to {LAST_DATE}",
    "serial_number": f"1 to {TEXT_LIMITS['serial_number']} printable characters",
    "model": f"1 to {TEXT_LIMITS['model']} printable characters",
    "capacity_bytes": "anything, or nothing; it is not read",
}
EXPECTED_RAW = (
    f"a whole number from 0 to {SIX_BYTES - 1} (six bytes), or nothing; up to {RAW_LIMIT - 1} where the "
    f"drive packs the attribute in seven or eight bytes, {EXACT_LIMIT - 1} where all of these are one count. "
    "Where the model does not need the attribute, anything else is nothing"
)
"""The expected content of each column, for documentation and messages; see `expected_raw`."""

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


def is_json(name: str) -> bool:
    """Tell whether a telemetry file holds what smartctl prints: by its name, as every range of it can."""
    return name.lower().endswith(JSON_ENDINGS)


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


def show_value(value: object) -> str:
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


def largest_raw(attribute: int) -> int:
    """Return the largest raw value of an attribute, on drives that pack it as most do."""
    packing = packing_of(attribute, {})
    return (min(packing.limit, EXACT_LIMIT) if packing.unpack is None else packing.limit) - 1


def expected_raw(attribute: int) -> str:
    """Return what is expected of the raw value of an attribute that a model needs, and its name."""
    name = ATTRIBUTES[attribute].name
    return f"a whole number from 0 to {largest_raw(attribute)}, or nothing, in SMART {attribute}, {name}"


def read_raw(value: object, packing: Packing) -> float | None:
    """Return a raw value as a float to be decoded, NaN for a missing one, None where it is not allowed.

    Whole numbers written with a fraction (``194909408.0``, as releases from 2025 on have them) are accepted
    below 2**53: from there on a float may have been another number once.
    """
    if value is None:
        return float("nan")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not 0 <= value < RAW_LIMIT:
        return None
    if value < SIX_BYTES:
        return float(value) if value == int(value) else None
    if isinstance(value, float):
        return exact(int(value), packing) if value < EXACT_LIMIT and value.is_integer() else None
    return exact(value, packing)


def read_number(text: str) -> int | float | str | None:
    """Return the number that a field of a CSV is, None where it says that there is none, else the text."""
    text = text.strip()
    if text in MISSING:
        return None
    if not _IS_NUMBER.fullmatch(text):
        return text
    if text.isdigit() and len(text) <= _EXACT_DIGITS:
        return int(text)
    number = float(text)
    whole = whole_number(text) if number >= EXACT_LIMIT else None
    return number if whole is None else whole


def whole_number(text: str) -> int | None:
    """Return the whole number below `RAW_LIMIT` that a number in text is; None where it is none."""
    # Imported here: few files and requests have so large numbers.
    from decimal import Decimal

    number = Decimal(text)
    if number.adjusted() > len(str(RAW_LIMIT)) or not 0 <= number < RAW_LIMIT:
        return None
    whole = int(number)
    return whole if whole == number else None


def read_text(value: object, limit: int) -> str | None:
    """Return a serial number or model without the blanks around it, None where it is not allowed."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    return text if 0 < len(text) <= limit and text.isprintable() else None


def read_record(
    fields: Mapping[str, Any],
    attributes: Sequence[int],
    faults: list[Fault],
    prefix: str = "",
    *,
    family: str = "",
    needed: Container[int] | None = None,
) -> Record | None:
    """Read one drive-day from a JSON object with the telemetry's own column names; None when it has a fault.

    Parameters
    ----------
    fields : mapping
        Unknown fields are ignored; raw values may be missing or null.
    attributes : sequence of int
        The SMART attributes to read. Of the others any value will do.
    faults : list of Fault
        Every fault found is appended.
    prefix : str
        Path of the object within the request.
    family : str
        Drive family as smartctl states it, see `functions.scoring.drive_database.drive_facts`.
    needed : container of int, optional
        Attributes of which a faulty value is reported; without it all that are read. Of the others it is
        missing.
    """
    before = len(faults)

    def fault(field: str, expected: str) -> None:
        faults.append(Fault(prefix + field, show_value(fields.get(field)), expected))

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
    formats = drive_facts(texts.get("model", ""), family).formats
    values: dict[int, float] = {}
    for attribute in attributes:
        field = ATTRIBUTES[attribute].column
        value = read_raw(fields.get(field), packing_of(attribute, formats))
        if value is None and (needed is None or attribute in needed):
            fault(field, expected_raw(attribute))
        values[attribute] = math.nan if value is None else value
    if len(faults) > before or date is None:
        faults[before:] = sorted(faults[before:], key=lambda item: item.field)
        return None
    raw = np.array([values[attribute] for attribute in attributes], dtype=np.float64)
    return Record(date, texts["serial_number"], texts["model"], raw)
