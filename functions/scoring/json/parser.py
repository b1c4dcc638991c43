"""One block of lines with what smartctl prints to columns, by the same code as one drive over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa

from functions.errors import NO_JSON, NoAtaAttributesError, TelemetryFileError
from functions.scoring.csv.parser import Rows
from functions.scoring.csv.rejects import TEXT_BYTES, Reject
from functions.scoring.json.diagnosis import NotJsonError, read_again
from functions.scoring.smartctl import Stated, at_their_paths, speaks_ata, stated_of, telemetry_of
from functions.scoring.telemetry import IDENTITY_COLUMNS, Fault, Record, read_record, show_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from functions.scoring.csv.blocks import Block

_SHORTEST = (
    b'{"local_time":{"time_t":946684800},"serial_number":"S","model_name":"M",'
    b'"ata_smart_attributes":{"table":[]}}\n'
)

type _Row = tuple[int, Record, Stated]


class ObjectParser:
    """Reads blocks of one file; each line is an object.

    Parameters
    ----------
    attributes, optional : sequence of int
        As those of `functions.scoring.csv.parser.BlockParser`.
    each_apart : bool
        See `functions.scoring.json.objects.ObjectLines`.

    Attributes
    ----------
    attributes : tuple of int
        All of them, in the order of the columns.
    shortest_row : int
        Bytes of the shortest line that can be a row, its line feed included.
    """

    def __init__(self, attributes: Sequence[int], optional: Sequence[int] = (), *, each_apart: bool) -> None:
        self.attributes = (*attributes, *optional)
        self.shortest_row = len(_SHORTEST)
        self._required = frozenset(attributes)
        self._each_apart = each_apart

    def parse(self, block: Block) -> tuple[Rows, list[Reject]]:
        """Read a block: rows and rejects, ascending by line, add up to the lines of the block.

        Raises
        ------
        TelemetryFileError
            An object is broken, and nobody knows where the next one begins.
        """
        if block.too_long:
            return self._rows([]), [self._too_long(block)]
        rows: list[_Row] = []
        rejects: list[Reject] = []
        for number, line in enumerate(block.data.split(b"\n")[:-1], block.first_line):
            found = self._read(number, line)
            if isinstance(found, Reject):
                rejects.append(found)
            else:
                rows.append(found)
        return self._rows(rows), rejects

    def _read(self, number: int, line: bytes) -> _Row | Reject:
        def reject(code: str, reason: str) -> Reject:
            return Reject(number, code, reason, line[:TEXT_BYTES].rstrip(b"\r").replace(b"\r", b" "))

        if self._each_apart and (not line or line.isspace()):
            return Reject(number, "empty_line", "the line is empty", b"")
        try:
            document = self._decode(number, line)
        except NotJsonError as error:
            return reject("bad_json", f"it is not JSON: {error}")
        if not isinstance(document, dict):
            return reject(
                "no_object", f"it is {show_value(document)}, expected an object that smartctl prints"
            )
        try:
            fields, paths = telemetry_of(document)
        except NoAtaAttributesError as error:
            return reject("no_attributes" if speaks_ata(document) else "not_ata", error.detail)
        stated = stated_of(document)
        faults: list[Fault] = []
        record = read_record(fields, self.attributes, faults, family=stated.family, needed=self._required)
        if record is None:
            first = min(faults, key=_order)
            (told,) = at_their_paths([first], paths)
            return reject(_code(first), f"{told.field} is {told.found}, expected {told.expected}")
        return number, record, stated

    def _decode(self, number: int, line: bytes) -> Any:
        """Decode a line; NotJsonError where it harms no other, else TelemetryFileError."""
        try:
            return msgspec.json.decode(line)
        except NO_JSON:
            try:
                return read_again(line if self._each_apart else line.replace(b"\r", b"\n"))
            except NotJsonError as error:
                if self._each_apart or not error.breaks_syntax:
                    raise
                why = str(error)
        msg = (
            f"Object {number} of the file is not JSON: {why} of the object. Where the next one begins cannot "
            "be told. Mend it, or write one object a line: a broken one then harms no other."
        )
        raise TelemetryFileError(msg)

    def _too_long(self, block: Block) -> Reject:
        number = block.first_line
        if self._each_apart:
            reason = "the line is longer than 1 MiB; what smartctl prints of a drive has some kilobytes"
            return Reject(number, "line_too_long", reason, block.data[:-1])
        msg = (
            f"Object {number} of the file is longer than 1 MiB; what smartctl prints of a drive has some "
            "kilobytes. A quote or a bracket may not be closed there or before."
        )
        raise TelemetryFileError(msg)

    def _rows(self, rows: Sequence[_Row]) -> Rows:
        raw = np.full((len(rows), len(self.attributes)), np.nan)
        for index, (_, record, _) in enumerate(rows):
            raw[index] = record.raw
        return Rows(
            np.array([number for number, _, _ in rows], dtype=np.int64),
            np.array([record.date for _, record, _ in rows], dtype="datetime64[D]"),
            pa.array([record.serial_number for _, record, _ in rows], pa.string()),
            pa.array([record.model for _, record, _ in rows], pa.string()),
            raw,
            np.fromiter((stated for _, _, stated in rows), dtype=np.object_, count=len(rows)),
        )


def _order(fault: Fault) -> int:
    """Return where a fault is told: before all others that of the date, as for lines of a CSV."""
    columns = (*IDENTITY_COLUMNS, fault.field)
    return columns.index(fault.field)


def _code(fault: Fault) -> str:
    return f"bad_{fault.field}" if fault.field in IDENTITY_COLUMNS else "bad_value"
