"""The header of a telemetry CSV: where each column that matters stands."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.errors import TelemetryFileError
from functions.scoring.smart import ATTRIBUTES
from functions.scoring.telemetry import IDENTITY_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_COLUMNS = 2_000
"""Most columns of a file; the widest published schema has 197. The parser's cost of a row grows with them."""

_QUOTED = re.compile(rb'(?:^|,)"([^"]*+(?:""[^"]*+)*+)"')
"""A field in quotes: elsewhere than at the beginning of a field a quote is text like any other."""

_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of one file.

    Attributes
    ----------
    width : int
        Fields a line must have.
    identity : tuple of int
        Positions of `IDENTITY_COLUMNS`.
    raw : dict of int to int
        Position of the raw-value column by SMART attribute; only those asked for and present.
    """

    width: int
    identity: tuple[int, ...]
    raw: dict[int, int]


def read_header(line: bytes, attributes: Sequence[int], required: Sequence[int]) -> Header:
    """Read the first line of a file, with or without a byte-order mark and a line end.

    Parameters
    ----------
    attributes : sequence of int
        SMART attributes whose raw values are wanted where present.
    required : sequence of int
        SMART attributes of which at least one must be there.

    Raises
    ------
    TelemetryFileError
        The file is not UTF-8 or not a comma-separated table, has more than `MAX_COLUMNS`, an identity column
        is missing or a column that matters is there twice, or no attribute of `required` is present. Other
        columns may be there twice: nobody reads them.
    """
    names = _names(line)
    columns: dict[str, int] = {name: index for index, name in reversed(list(enumerate(names)))}
    missing = [column for column in IDENTITY_COLUMNS if column not in columns]
    if missing:
        raise TelemetryFileError(_missing_message(names, missing))
    raw = {a: columns[ATTRIBUTES[a].column] for a in attributes if ATTRIBUTES[a].column in columns}
    if not raw.keys() & set(required):
        wanted = ", ".join(ATTRIBUTES[a].column for a in required)
        msg = f"The header has none of the columns the model uses; at least one of these is needed: {wanted}."
        raise TelemetryFileError(msg)
    counts = Counter(names)
    used = [*IDENTITY_COLUMNS, *(ATTRIBUTES[a].column for a in raw)]
    twice = [column for column in used if counts[column] > 1]
    if twice:
        msg = f"The header has {', '.join(twice)} more than once; each column may be there once."
        raise TelemetryFileError(msg)
    return Header(len(names), tuple(columns[column] for column in IDENTITY_COLUMNS), raw)


def _names(line: bytes) -> list[str]:
    if line.startswith(_UTF16) or b"\0" in line:
        msg = "The file is not UTF-8; it looks like UTF-16 or a binary file. Save it as a UTF-8 CSV."
        raise TelemetryFileError(msg)
    try:
        text = line.removeprefix(codecs.BOM_UTF8).decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        msg = f"The header is not UTF-8 (byte {error.start + 1}). Save the file as a UTF-8 CSV."
        raise TelemetryFileError(msg) from None
    if "\r" in text:
        msg = "The file ends its lines with carriage returns alone; save it with line feeds."
        raise TelemetryFileError(msg)
    if not text.strip():
        wanted = ", ".join(IDENTITY_COLUMNS)
        msg = f"The first line is empty; it must be a header with {wanted} and SMART columns."
        raise TelemetryFileError(msg)
    _refuse_wide(line.removeprefix(codecs.BOM_UTF8))
    try:
        fields = next(csv.reader([text], strict=True))
    except csv.Error as error:
        msg = f"The header is not a line of CSV: {error}."
        raise TelemetryFileError(msg) from None
    return [field.strip().lower() for field in fields]


def _refuse_wide(line: bytes) -> None:
    """Raise if there are too many columns, without a list of them: 40 KB of gzip may hold a million."""
    commas = line.count(b",")
    if commas >= MAX_COLUMNS and b'"' in line:
        commas -= sum(found[1].count(b",") for found in _QUOTED.finditer(line))
    if commas >= MAX_COLUMNS:
        msg = (
            f"The header has {commas + 1:,} columns; {MAX_COLUMNS:,} at most are expected. Leave out "
            f"columns, but not {', '.join(IDENTITY_COLUMNS)} and the raw values of SMART attributes."
        )
        raise TelemetryFileError(msg)


def _missing_message(names: list[str], missing: list[str]) -> str:
    if names[0].startswith(("{", "[")):
        return "The file is JSON, and its name says CSV. Upload it under a name that ends in .json."
    if len(names) == 1:
        for separator, word in _OTHER_SEPARATORS.items():
            if separator in names[0]:
                return f"The columns are separated by {word}; commas are expected."
    return (
        f"The header lacks {', '.join(missing)}; it has {len(names)} columns, beginning with "
        f"{', '.join(names[:5])[:200]}. Every file needs the columns {', '.join(IDENTITY_COLUMNS)}."
    )
