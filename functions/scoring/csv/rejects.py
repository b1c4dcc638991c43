"""Lines that cannot be scored: why, and the row of the rejects file each becomes."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

REJECT_COLUMNS = ("line", "code", "reason", "text")
"""Columns of the rejects CSV: line number in the file (in a JSON array the object's), stable code, reason in
words, the line itself."""

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
    "repeated_drive": "The drive, of this serial number and model, is in the file again for the same date, "
    "further down; the last line counts.",
    "bad_value": "A raw value that the model needs is not a whole number, or larger than the drive packs it.",
    "bad_json": "The line, or the element of an array, is not JSON, or not such as can be used.",
    "no_object": "It is JSON, but not an object.",
    "not_ata": "An NVMe or SCSI drive, which has no ATA SMART attributes; it makes no file a damaged one.",
    "no_attributes": "smartctl could not read the drive's attributes, or something else has printed this.",
}
"""Every code of a rejected line, with its meaning."""

SOUND_CODES = frozenset({"not_ata"})
"""Codes of lines with which nothing is wrong: they do not make a file a damaged one."""

MOST_LISTED = 100_000
"""Rejects of a file that have a row each in its rejects CSV; the others are counted by code at its end. Few
sound files have more, and 1 MB of gzip may hold a billion."""

TEXT_BYTES = 32_000
"""Bytes kept of a rejected line. Each may become four characters (``\\xNN``), and the csv module of Python
takes 131,072 in a field; some are left for an apostrophe."""


class Reject(NamedTuple):
    """One line that was not scored.

    Attributes
    ----------
    line : int
        Line number in the file, the header being 1; of a JSON array the number of the element.
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
        text = reject.text[:TEXT_BYTES].decode("utf-8", errors="backslashreplace")
        writer.writerow((reject.line, reject.code, reject.reason, text))
    return out.getvalue().encode()


REJECTS_HEADER = (",".join(REJECT_COLUMNS) + "\n").encode()
"""First line of a rejects CSV."""


class RejectList:
    """The rejects CSV of a file: a row for each of the first `MOST_LISTED` rejects, then one for each code.

    A range has a list of its own, which it does not end: whoever puts the ranges together does.

    Parameters
    ----------
    write : callable
        Takes the next bytes of the CSV.
    listed : mapping of str to int, optional
        Rejects by code that have their rows already.
    escape : callable, optional
        Makes a reject of which no text is a formula.
    """

    def __init__(
        self,
        write: Callable[[bytes], object],
        listed: Mapping[str, int] | None = None,
        escape: Callable[[Reject], Reject] | None = None,
    ) -> None:
        self._write = write
        self._escape = escape
        self._listed = Counter(listed or {})

    @property
    def is_full(self) -> bool:
        """Whether the next reject gets no row."""
        return self._listed.total() >= MOST_LISTED

    def begin(self) -> None:
        """Write the header."""
        self._write(REJECTS_HEADER)

    def add(self, rejects: Sequence[Reject]) -> None:
        """Write the next rejects, as far as there is room."""
        if not rejects or self.is_full:
            return
        rows = rejects[: MOST_LISTED - self._listed.total()]
        self._listed.update(reject.code for reject in rows)
        self._write(rejects_csv(rows if self._escape is None else map(self._escape, rows)))

    def end(self, counts: Mapping[str, int]) -> None:
        """Write how many rejects have no row, given all of them by code: the line number is left out."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        for code, count in sorted(counts.items()):
            if more := count - self._listed[code]:
                reason = f"{more} more lines; the first {MOST_LISTED:,} rejected lines of the file are listed"
                writer.writerow(("", code, reason, ""))
        if data := out.getvalue():
            self._write(data.encode())
