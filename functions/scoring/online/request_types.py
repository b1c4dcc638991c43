"""The types of one drive-day in a request: they validate it and make the API's document.

Decoding into these types is the fast path; `functions.scoring.telemetry.read_record` judges what they refuse,
field by field, and has the last word. It accepts whatever the types accept, with equal values.
"""

from __future__ import annotations

import datetime as dt
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from functions.scoring.raw_values import SIX_BYTES
from functions.scoring.smart import ATTRIBUTES
from functions.scoring.telemetry import (
    FIRST_DATE,
    LAST_DATE,
    TEXT_LIMITS,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HISTORY_LIMIT = 100
"""Most earlier rows a request may carry: five weeks of days, three times over."""

DATE_PATTERN = (
    "^20[0-9]{2}-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)$"
    "|^20([02468][048]|[13579][26])-02-29$"
)
"""The days from `FIRST_DATE` to `LAST_DATE`: of these years, every fourth is a leap year."""


def text_pattern(limit: int) -> str:
    """Return the pattern of ASCII texts of at most *limit* characters.

    Something other than blanks, no control characters within; blanks around it are dropped and not counted.
    """
    inner, outer = r"[^\x00-\x1f\x7f-\x9f]", r"[^\s\x00-\x1f\x7f-\x9f]"
    return rf"^\s*{outer}({inner}{{0,{limit - 2}}}{outer})?\s*$"


_RAW = Annotated[float, Meta(ge=0, lt=SIX_BYTES, multiple_of=1)]
"""A larger one may be right too: `functions.scoring.telemetry.read_raw` judges it by its packing."""

type Row = Any
"""A `DriveDay` or an `EarlierDay`: their fields come from a table, which type checkers do not read."""


def _annotate(description: str, kind: Any, **schema: Any) -> Any:
    return Annotated[kind, Meta(description=description, extra_json_schema=schema or None)]


_DATE = _annotate(
    f"Day of the telemetry, YYYY-MM-DD, from {FIRST_DATE} to {LAST_DATE}.",
    dt.date,
    pattern=DATE_PATTERN,
    examples=["2014-01-25"],
)
_TEXTS = {
    name: Annotated[
        str,
        Meta(min_length=1, extra_json_schema={"pattern": text_pattern(limit), "examples": [example]}),
    ]
    for (name, limit), example in zip(TEXT_LIMITS.items(), ("Z300AAAA", "ST4000DM000"), strict=True)
}
_RAW_FIELDS = [
    (
        attribute.column,
        _annotate(
            f"Raw value of SMART {attribute.id}, {attribute.name}. {attribute.meaning}",
            _RAW | None,
        ),
        None,
    )
    for attribute in ATTRIBUTES.values()
]

EarlierDay = msgspec.defstruct(
    "EarlierDay",
    [
        ("date", _DATE),
        (
            "serial_number",
            _annotate("That of the drive; may be left out.", _TEXTS["serial_number"] | None),
            None,
        ),
        ("model", _annotate("That of the drive; may be left out.", _TEXTS["model"] | None), None),
        *_RAW_FIELDS,
    ],
    namespace={"__doc__": "An earlier row of the same drive."},
    frozen=True,
    gc=False,
)
"""An earlier row of the same drive."""

DriveDay = msgspec.defstruct(
    "DriveDay",
    [
        ("date", _DATE),
        ("serial_number", _annotate("The drive's serial number.", _TEXTS["serial_number"])),
        ("model", _annotate("The drive's model, as it reports it.", _TEXTS["model"])),
        *_RAW_FIELDS,
        (
            "history",
            Annotated[
                list[EarlierDay] | None,  # type: ignore[valid-type]
                Meta(
                    description="Earlier rows of the drive, in any order, dated before it. "
                    "Changes since then say more than the state.",
                    extra_json_schema={"maxItems": HISTORY_LIMIT},
                ),
            ],
            None,
        ),
    ],
    namespace={
        "__doc__": "One drive on one day, with the column names of the telemetry; others are ignored."
    },
    frozen=True,
    gc=False,
)
"""One drive on one day, with the column names of the telemetry; other fields are ignored."""

decode_drive: Callable[[bytes], Row] = msgspec.json.Decoder(DriveDay).decode
"""JSON to a `DriveDay`; raises `msgspec.ValidationError` for `read_record` to judge."""


def raw_getter(attributes: Sequence[int]) -> Callable[[Row], tuple[float | None, ...]]:
    """Return a function that reads the raw values of some SMART attributes from a row, in their order."""
    get: Callable[[Row], Any] = attrgetter(*(f"smart_{attribute}_raw" for attribute in attributes))
    if len(attributes) == 1:
        return lambda row: (get(row),)
    return get
