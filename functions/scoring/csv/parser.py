"""One block of lines to columns: fast where every value is right, exact about the lines where one is not."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from functions.scoring.csv.diagnosis import days_of, diagnose, good_dates, good_numbers, good_text
from functions.scoring.csv.large_numbers import large_numbers
from functions.scoring.csv.line_checks import Lines, check_lines
from functions.scoring.csv.rejects import Reject
from functions.scoring.drive_keys import model_hashes
from functions.scoring.raw_values import SIX_BYTES
from functions.scoring.telemetry import MISSING, TEXT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from functions.scoring.csv.blocks import Block
    from functions.scoring.csv.header import Header

_DATE_BYTES = len("2014-01-25")
_NO_LINES = Lines(np.zeros(0, dtype=np.int64), b"")


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a block that can be scored.

    Attributes
    ----------
    lines : (n,) array of int64
        Line numbers, ascending.
    dates : (n,) array of datetime64[D]
    serials, models : (n,) string arrays
        Trimmed.
    raw : (n, k) array of float64
        Raw values of the attributes asked for, NaN where missing.
    stated : (n,) array of functions.scoring.smartctl.Stated, or None
        What smartctl says of the drives; a CSV has no such thing.
    """

    lines: NDArray[np.int64]
    dates: NDArray[np.datetime64]
    serials: pa.StringArray
    models: pa.StringArray
    raw: NDArray[np.float64]
    stated: NDArray[np.object_] | None = None

    @property
    def model_hashes(self) -> NDArray[np.uint64]:
        """Hashes of the drive models, (n,), made anew each time."""
        return model_hashes(pc.dictionary_encode(self.models))

    def where(self, keep: NDArray[np.bool_]) -> Rows:
        """Return some of the rows, given which."""
        mask = pa.array(keep)
        return Rows(
            self.lines[keep],
            self.dates[keep],
            self.serials.filter(mask),
            self.models.filter(mask),
            self.raw[keep],
            None if self.stated is None else self.stated[keep],
        )


class BlockParser:
    """Reads blocks of one file.

    Parameters
    ----------
    attributes : sequence of int
        SMART attributes of the columns of `Rows.raw`; NaN throughout for those the file does not have.
    optional : sequence of int
        More of them, after the others. No line is rejected for these: a faulty value is a missing one.

    Attributes
    ----------
    attributes : tuple of int
        All of them, in the order of the columns.
    shortest_row : int
        Bytes of the shortest line that can be a row, its line feed included.
    """

    def __init__(self, header: Header, attributes: Sequence[int], optional: Sequence[int] = ()) -> None:
        self._header = header
        self.attributes = (*attributes, *optional)
        self.shortest_row = _DATE_BYTES + len("S") + len("M") + header.width - 1 + len("\n")
        self._required = len(attributes)
        self._optional = frozenset(optional)
        self._names = [f"c{index}" for index in range(header.width)]
        self._identity = [self._names[index] for index in header.identity]
        self._raw = {attribute: self._names[index] for attribute, index in header.raw.items()}

    def parse(self, block: Block) -> tuple[Rows, list[Reject]]:
        """Read a block: rows and rejects, ascending by line, add up to the lines of the block."""
        if block.too_long:
            reason = "the line is longer than 1 MiB; a line of telemetry has a few kilobytes at most"
            reject = Reject(block.first_line, "line_too_long", reason, block.data[:-1])
            return self._typed_rows(_NO_LINES, self._empty(typed=True)), [reject]
        lines, rejects = check_lines(block.first_line, block.data)
        try:
            table, kept, wrong = self._read(lines, typed=True)
            rows = self._typed_rows(kept, table)
            right = self._all_right(rows, table)
            if right:
                self._mend_optional(rows, lines)
        except pa.ArrowInvalid:
            right = False
        if not right:
            rows, wrong = self._judged(lines)
        return rows, sorted([*rejects, *wrong]) if wrong else rejects

    def _types(self, *, typed: bool) -> dict[str, pa.DataType]:
        date, number = (pa.date32(), pa.float64()) if typed else (pa.string(), pa.string())
        identity = dict(zip(self._identity, (date, pa.string(), pa.string()), strict=True))
        return identity | dict.fromkeys(self._raw.values(), number)

    def _empty(self, *, typed: bool) -> pa.Table:
        return pa.schema(list(self._types(typed=typed).items())).empty_table()

    def _read(
        self, lines: Lines, *, typed: bool, only: Collection[str] | None = None
    ) -> tuple[pa.Table, Lines, list[Reject]]:
        """Parse lines, *only* some columns; return table, its lines, and those of too few or many fields."""
        if not lines.data:
            return self._empty(typed=typed), lines, []
        wrong: list[tuple[int, int]] = []

        def skip(row: arrow_csv.InvalidRow) -> str:
            wrong.append((row.number - 1, row.actual_columns))
            return "skip"

        # The parser drops a byte-order mark, which is part of the first field anywhere but in a header.
        data = codecs.BOM_UTF8 + lines.data if lines.data.startswith(codecs.BOM_UTF8) else lines.data
        types = self._types(typed=typed)
        if only is not None:
            types = {name: types[name] for name in only}
        table = arrow_csv.read_csv(
            pa.py_buffer(data),
            read_options=arrow_csv.ReadOptions(
                use_threads=False, block_size=len(data) + 1, column_names=self._names
            ),
            parse_options=arrow_csv.ParseOptions(invalid_row_handler=skip, ignore_empty_lines=False),
            convert_options=arrow_csv.ConvertOptions(
                column_types=types,
                include_columns=list(types),
                null_values=MISSING,
                strings_can_be_null=False,
            ),
        )
        faults = {
            index: ("wrong_column_count", f"the line has {found} fields, the header has {self._header.width}")
            for index, found in wrong
        }
        kept, _, rejects = _part(lines, faults)
        return table, kept, rejects

    def _typed_rows(self, lines: Lines, table: pa.Table) -> Rows:
        date, serial, model = (table[name].combine_chunks() for name in self._identity)
        raw = {attribute: table[name].to_numpy() for attribute, name in self._raw.items()}
        return self._rows(lines, days_of(date), serial, model, raw)

    def _mend_optional(self, rows: Rows, lines: Lines) -> None:
        """Leave out what is wrong in optional columns; read numbers of more than six bytes anew."""
        optional = rows.raw[:, self._required :]
        good = good_numbers(optional)
        large = optional >= SIX_BYTES
        optional[~good] = np.nan
        columns = np.flatnonzero(large.any(axis=0)).tolist()
        if not columns:
            return
        attributes = [self.attributes[self._required + column] for column in columns]
        texts, _, _ = self._read(lines, typed=False, only=[self._raw[attribute] for attribute in attributes])
        for column, attribute in zip(columns, attributes, strict=True):
            at = pa.array(np.flatnonzero(large[:, column]))
            text = pc.utf8_trim_whitespace(texts[self._raw[attribute]].combine_chunks().take(at))
            optional[large[:, column], column] = large_numbers(text, rows.models.take(at), attribute)

    def _rows(
        self,
        lines: Lines,
        dates: NDArray[np.datetime64],
        serials: pa.StringArray,
        models: pa.StringArray,
        raw: Mapping[int, NDArray[np.float64]],
    ) -> Rows:
        matrix = np.full((len(lines.numbers), len(self.attributes)), np.nan)
        for column, attribute in enumerate(self.attributes):
            if attribute in raw:
                matrix[:, column] = raw[attribute]
        trimmed = (pc.utf8_trim_whitespace(serials), pc.utf8_trim_whitespace(models))
        return Rows(lines.numbers, dates, *trimmed, matrix)

    def _all_right(self, rows: Rows, table: pa.Table) -> bool:
        """Tell whether the fast conversion can be taken as it is, for every line."""
        raw = rows.raw[:, : self._required]
        missing = np.isnan(raw)
        names = [name for attribute, name in self._raw.items() if attribute not in self._optional]
        nulls = sum(table[name].null_count for name in names)
        not_there = (self._required - len(names)) * len(rows.lines)
        return bool(
            missing.sum() == nulls + not_there  # more: the parser took a spelling like -nan for a number
            and (good_numbers(raw) | missing).all()
            and good_dates(rows.dates).all()
            and good_text(rows.serials, TEXT_LIMITS["serial_number"]).all()
            # A few models over and over; serial numbers are all different.
            and good_text(pc.unique(rows.models), TEXT_LIMITS["model"]).all()
        )

    def _judged(self, lines: Lines) -> tuple[Rows, list[Reject]]:
        """Read lines some of which hold a value that is wrong, or spelled in an unusual way."""
        table, lines, rejects = self._read(lines, typed=False)
        date, serial, model = (table[name].combine_chunks() for name in self._identity)
        raw = {attribute: table[name].combine_chunks() for attribute, name in self._raw.items()}
        optional = {attribute: raw.pop(attribute) for attribute in self._raw.keys() & self._optional}
        diagnosis = diagnose(date, serial, model, raw)
        values = diagnosis.raw
        if optional:
            # Judged apart, for the values alone: their faults are nobody's.
            values = values | diagnose(date, serial, model, optional).raw
        lines, keep, faulty = _part(lines, diagnosis.faults)
        good = pa.array(keep)
        rows = self._rows(
            lines,
            diagnosis.dates[keep],
            serial.filter(good),
            model.filter(good),
            {attribute: column[keep] for attribute, column in values.items()},
        )
        return rows, [*rejects, *faulty]


def _part(
    lines: Lines, faults: Mapping[int, tuple[str, str]]
) -> tuple[Lines, NDArray[np.bool_], list[Reject]]:
    """Part the faulty lines from the rest; return the rest, which these are, and the rejects."""
    keep = np.ones(len(lines.numbers), dtype=bool)
    if not faults:
        return lines, keep, []
    texts = lines.data.split(b"\n")
    keep[list(faults)] = False
    rejects = [
        Reject(int(lines.numbers[index]), *fault, texts[index]) for index, fault in sorted(faults.items())
    ]
    data = b"".join(text + b"\n" for text, kept in zip(texts, keep, strict=False) if kept)
    return Lines(lines.numbers[keep], data), keep, rejects
