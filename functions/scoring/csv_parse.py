"""One block of lines to columns: fast where every value is right, exact about the lines where one is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from functions.scoring.csv_rejects import Reject
from functions.scoring.csv_sieve import Lines, sieve
from functions.scoring.smart import ATTRIBUTES, RAW_LIMIT
from functions.scoring.telemetry import (
    EXPECTED,
    EXPECTED_RAW,
    FIRST_DATE,
    LAST_DATE,
    TEXT_LIMITS,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from functions.scoring.csv_header import Header
    from functions.scoring.csv_lines import Block

MISSING = ["", "NaN", "nan", "NA", "N/A", "null", "NULL", "None"]
"""Spellings of a missing raw value, as pandas, R, SQL and Python write it."""

_NUMBER = r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"
_DATE = r"^\s*[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\s*$"


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
    """

    lines: NDArray[np.int64]
    dates: NDArray[np.datetime64]
    serials: pa.StringArray
    models: pa.StringArray
    raw: NDArray[np.float64]


class BlockParser:
    """Reads blocks of one file.

    Parameters
    ----------
    header : Header
    attributes : sequence of int
        SMART attributes of the columns of `Rows.raw`; NaN throughout for those the file does not have.
    """

    def __init__(self, header: Header, attributes: Sequence[int]) -> None:
        self._header = header
        self._attributes = tuple(attributes)
        self._names = [f"c{place}" for place in range(header.width)]
        self._identity = [self._names[place] for place in header.identity]
        self._raw = {attribute: self._names[place] for attribute, place in header.raw.items()}

    def parse(self, block: Block) -> tuple[Rows, list[Reject]]:
        """Read a block.

        Returns
        -------
        rows : Rows
        rejects : list of Reject
            Ascending by line. ``len(rows.lines) + len(rejects)`` is the number of lines in the block.
        """
        if block.too_long:
            reason = "the line is longer than 1 MiB; a line of telemetry has a few kilobytes at most"
            reject = Reject(block.first_line, "line_too_long", reason, block.data[:-1])
            return self._rows(Lines(np.zeros(0, dtype=np.int64), b""), self._empty(typed=True)), [reject]
        lines, rejects = sieve(block.first_line, block.data)
        try:
            table, lines = self._read(lines, wrong := [], typed=True)
            rejects += wrong
        except pa.ArrowInvalid:
            table, lines = self._read_exact(lines, rejects)
        rows = self._rows(lines, table)
        rows, faulty = self._without_faulty(rows, lines, table)
        return rows, sorted([*rejects, *faulty], key=lambda reject: reject.line)

    def _types(self, *, typed: bool) -> dict[str, pa.DataType]:
        date, number = (pa.date32(), pa.float64()) if typed else (pa.string(), pa.string())
        identity = dict(zip(self._identity, (date, pa.string(), pa.string()), strict=True))
        return identity | dict.fromkeys(self._raw.values(), number)

    def _empty(self, *, typed: bool) -> pa.Table:
        return pa.schema(list(self._types(typed=typed).items())).empty_table()

    def _read(self, lines: Lines, rejects: list[Reject], *, typed: bool) -> tuple[pa.Table, Lines]:
        """Parse lines; those with too few or too many fields go to `rejects`."""
        if not lines.data:
            return self._empty(typed=typed), lines
        wrong: list[tuple[int, int]] = []

        def skip(row: arrow_csv.InvalidRow) -> str:
            wrong.append((row.number - 1, row.actual_columns))
            return "skip"

        types = self._types(typed=typed)
        table = arrow_csv.read_csv(
            pa.py_buffer(lines.data),
            read_options=arrow_csv.ReadOptions(
                use_threads=False, block_size=len(lines.data) + 1, column_names=self._names
            ),
            parse_options=arrow_csv.ParseOptions(invalid_row_handler=skip, ignore_empty_lines=False),
            convert_options=arrow_csv.ConvertOptions(
                column_types=types,
                include_columns=list(types),
                null_values=MISSING,
                strings_can_be_null=False,
            ),
        )
        if wrong:
            texts = lines.data.split(b"\n")
            width = self._header.width
            rejects.extend(
                Reject(
                    int(lines.numbers[place]),
                    "wrong_column_count",
                    f"the line has {found} fields, the header has {width}",
                    texts[place],
                )
                for place, found in wrong
            )
            lines = _kept(lines, texts, np.array([place for place, _ in wrong]))
        return table, lines

    def _read_exact(self, lines: Lines, rejects: list[Reject]) -> tuple[pa.Table, Lines]:
        """Parse lines in some of which a value does not convert: find these, then convert the rest."""
        table, lines = self._read(lines, rejects, typed=False)
        faults: dict[int, tuple[str, str]] = {}
        for attribute, name in reversed(self._raw.items()):
            column = table[name]
            given = pc.invert(pc.is_in(column, value_set=pa.array(MISSING)))
            bad = pc.and_(given, pc.invert(pc.match_substring_regex(column, _NUMBER)))
            for place in np.flatnonzero(bad.to_numpy()):
                found_text = shown(column[place].as_py())
                faults[int(place)] = (
                    "bad_value",
                    f"{ATTRIBUTES[attribute].column} is {found_text}, expected {EXPECTED_RAW}",
                )
        dates = table[self._identity[0]]
        parsed = pc.strptime(pc.utf8_trim_whitespace(dates), "%Y-%m-%d", "s", error_is_null=True)
        right = pc.and_(pc.match_substring_regex(dates, _DATE), _same_date(dates, parsed))
        for place in np.flatnonzero(~right.to_numpy()):
            faults[int(place)] = (
                "bad_date",
                f"date is {shown(dates[place].as_py())}, expected {EXPECTED['date']}",
            )
        if faults:
            texts = lines.data.split(b"\n")
            places = np.array(sorted(faults))
            rejects.extend(
                Reject(int(lines.numbers[place]), *faults[int(place)], texts[place]) for place in places
            )
            keep = np.ones(len(lines.numbers), dtype=bool)
            keep[places] = False
            table = table.filter(pa.array(keep))
            lines = _kept(lines, texts, places)
        return self._converted(table), lines

    def _converted(self, table: pa.Table) -> pa.Table:
        columns = {}
        for name, kind in self._types(typed=True).items():
            column = table[name]
            if kind != pa.string():
                trimmed = pc.utf8_trim_whitespace(column)
                blank = pc.is_in(trimmed, value_set=pa.array(MISSING))
                column = pc.if_else(blank, None, trimmed).cast(kind)
            columns[name] = column
        return pa.table(columns)

    def _rows(self, lines: Lines, table: pa.Table) -> Rows:
        date, serial, model = (table[name].combine_chunks() for name in self._identity)
        raw = np.full((table.num_rows, len(self._attributes)), np.nan)
        for column, attribute in enumerate(self._attributes):
            if attribute in self._raw:
                raw[:, column] = table[self._raw[attribute]].to_numpy()
        return Rows(
            lines.numbers,
            date.cast(pa.int32()).fill_null(-1).to_numpy().astype("datetime64[D]"),
            pc.utf8_trim_whitespace(serial),
            pc.utf8_trim_whitespace(model),
            raw,
        )

    def _without_faulty(self, rows: Rows, lines: Lines, table: pa.Table) -> tuple[Rows, list[Reject]]:
        """Take out rows whose values parsed but are not allowed."""
        good_date = (rows.dates >= np.datetime64(FIRST_DATE)) & (rows.dates <= np.datetime64(LAST_DATE))
        good_serial = _good_text(rows.serials, TEXT_LIMITS["serial_number"])
        good_model = _good_text(rows.models, TEXT_LIMITS["model"])
        with np.errstate(invalid="ignore"):
            bad_raw = (rows.raw < 0) | (rows.raw >= RAW_LIMIT) | (rows.raw != np.floor(rows.raw))
        bad_raw &= ~np.isnan(rows.raw)
        good = good_date & good_serial & good_model & ~bad_raw.any(axis=1)
        if good.all():
            return rows, []
        texts = lines.data.split(b"\n")
        rejects = []
        for place in np.flatnonzero(~good):
            if not good_date[place]:
                value = table[self._identity[0]][place].as_py()
                fault = ("bad_date", f"date is {value or 'empty'}, expected {EXPECTED['date']}")
            elif not good_serial[place]:
                found = shown(rows.serials[place].as_py())
                fault = (
                    "bad_serial_number",
                    f"serial_number is {found}, expected {EXPECTED['serial_number']}",
                )
            elif not good_model[place]:
                found = shown(rows.models[place].as_py())
                fault = ("bad_model", f"model is {found}, expected {EXPECTED['model']}")
            else:
                column = int(np.flatnonzero(bad_raw[place])[0])
                name = ATTRIBUTES[self._attributes[column]].column
                fault = ("bad_value", f"{name} is {rows.raw[place, column]:.17g}, expected {EXPECTED_RAW}")
            rejects.append(Reject(int(rows.lines[place]), *fault, texts[place]))
        kept = pa.array(good)
        return (
            Rows(
                rows.lines[good],
                rows.dates[good],
                rows.serials.filter(kept),
                rows.models.filter(kept),
                rows.raw[good],
            ),
            rejects,
        )


def _kept(lines: Lines, texts: list[bytes], without: NDArray[np.int64]) -> Lines:
    keep = np.ones(len(lines.numbers), dtype=bool)
    keep[without] = False
    data = b"".join(text + b"\n" for text, kept in zip(texts, keep, strict=False) if kept)
    return Lines(lines.numbers[keep], data)


def _same_date(text: pa.ChunkedArray, parsed: pa.ChunkedArray) -> pa.ChunkedArray:
    """Tell which texts are real days: strptime takes 30 February for 2 March."""
    again = pc.strftime(parsed, "%Y-%m-%d")
    return pc.fill_null(pc.equal(again, pc.utf8_trim_whitespace(text)), fill_value=False)


def _good_text(column: pa.StringArray, limit: int) -> NDArray[np.bool_]:
    length = pc.utf8_length(column)
    good = pc.and_(pc.and_(pc.greater(length, 0), pc.less_equal(length, limit)), pc.utf8_is_printable(column))
    return good.to_numpy(zero_copy_only=False)
