"""Lines that cannot be scored: why, and the row of the rejects file each becomes."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

REJECT_COLUMNS = ("line", "code", "reason", "text")
"""Columns of the rejects CSV: line number in the file, stable code, reason in words, the line itself."""

REJECT_CODES = {
    "empty_line": "The line has nothing in it.",
    "line_too_long": "The line is longer than 1 MiB; only its beginning is kept.",
    "carriage_return": "A carriage return stands inside the line.",
    "bad_quotes": "A quote on the line has no pair on it, or a quoted field goes on after its closing quote.",
    "not_utf8": "The line is not UTF-8.",
    "wrong_column_count": "The line has more or fewer fields than the header.",
    "bad_date": "The date is missing or is not a date.",
    "bad_serial_number": "The serial number is missing, too long or not printable.",
    "bad_model": "The model is missing, too long or not printable.",
    "repeated_drive": "The drive is in the file again for the same date, further down; the last line counts.",
    "bad_value": "A raw value is not a whole number from 0 to 2^48 - 1.",
}
"""Every code of a rejected line, with its meaning."""

_TEXT_LIMIT = 65_536


@dataclass(frozen=True, slots=True)
class Reject:
    """One line that was not scored.

    Attributes
    ----------
    line : int
        Line number in the file, the header being 1.
    code : str
        One of `REJECT_CODES`.
    reason : str
        Found and expected.
    text : bytes
        The line as it came.
    """

    line: int
    code: str
    reason: str
    text: bytes


def rejects_csv(rejects: Iterable[Reject]) -> bytes:
    r"""Return rejects as CSV rows, UTF-8; bytes that are not UTF-8 are written as ``\xNN``."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for reject in rejects:
        text = reject.text[:_TEXT_LIMIT].decode("utf-8", errors="backslashreplace")
        writer.writerow((reject.line, reject.code, reject.reason, text))
    return out.getvalue().encode()


REJECTS_HEADER = (",".join(REJECT_COLUMNS) + "\n").encode()
"""First line of a rejects CSV."""
