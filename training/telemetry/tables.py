"""One file of telemetry into one table: any release's columns, order and number formats, into fixed types."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from training.errors import TelemetrySourceError
from training.telemetry.sources import TelemetryFile

IDENTITY = ("date", "serial_number", "model", "failure")
"""Columns every release has and training cannot do without."""

CSV_BLOCK_BYTES = 64 << 20
PARQUET_BATCH_ROWS = 1 << 18
"""How much of a file `read_batches` holds at once, before types and columns are chosen."""

_RAW = re.compile(r"smart_(\d+)_raw")


def raw_column(attribute: int) -> str:
    """Return the column of an attribute's raw value, as Backblaze names it."""
    return f"smart_{attribute}_raw"


def attributes_in(columns: Sequence[str]) -> list[int]:
    """Return the attributes whose raw values are among some columns, ascending."""
    return sorted(int(match[1]) for column in columns if (match := _RAW.fullmatch(column)))


def columns_of(file: TelemetryFile) -> list[str]:
    """Read only a file's column names.

    Returns
    -------
    list of str
        Lower case, without a byte order mark or surrounding blanks; empty for an empty file.
    """
    if file.is_parquet:
        return [_clean(name) for name in _scan(file).collect_schema().names()]
    return _header(file, file.first_line())


def read_table(file: TelemetryFile, attributes: Sequence[int] | None) -> pl.DataFrame:
    """Read the columns training needs from one file.

    Parameters
    ----------
    file : TelemetryFile
        A CSV or Parquet file.
    attributes : sequence of int or None
        SMART attributes whose raw values are wanted; None for all that the file has.

    Returns
    -------
    polars.DataFrame
        Columns date (Date), serial_number, model (String, no surrounding blanks), capacity_bytes (Int64, null
        when absent or not positive), failure (Int8) and ``smart_<id>_raw`` (Int64, null when absent or not a
        whole number). Values that cannot be read are null.

    Raises
    ------
    TelemetrySourceError
        When the file is not what its name says or lacks an identity column.
    """
    if file.is_parquet:
        scan = _scan(file)
        stored = {_clean(name): name for name in scan.collect_schema().names()}
        wanted = _columns_to_read(file, list(stored), attributes)
        frame = scan.select(pl.col(stored[name]).alias(name) for name in wanted if name in stored).collect()
    else:
        data = file.csv_bytes()
        header = _header(file, data.split(b"\n", 1)[0])
        wanted = _columns_to_read(file, header, attributes)
        frame = _read_csv(file, data, header, set(wanted))
    return frame.select(_to_type(name, frame.schema.get(name)).alias(name) for name in wanted)


def read_batches(file: TelemetryFile, attributes: Sequence[int]) -> Iterator[pl.DataFrame]:
    """Read what `read_table` reads in batches of bounded size, in order, however large the file is.

    Parameters
    ----------
    attributes : sequence of int
        SMART attributes whose raw values are wanted.

    Yields
    ------
    polars.DataFrame
        Tables as `read_table` returns them.

    Raises
    ------
    TelemetrySourceError
        As `read_table` does, when the batch to blame is reached.
    """
    batches = _parquet_batches(file, attributes) if file.is_parquet else _csv_batches(file, attributes)
    for wanted, frame in batches:
        yield frame.select(_to_type(name, frame.schema.get(name)).alias(name) for name in wanted)


def _parquet_batches(
    file: TelemetryFile, attributes: Sequence[int]
) -> Iterator[tuple[list[str], pl.DataFrame]]:
    stored = {_clean(name): name for name in _scan(file).collect_schema().names()}
    wanted = _columns_to_read(file, list(stored), attributes)
    names = {stored[name]: name for name in wanted if name in stored}
    try:
        with pq.ParquetFile(file.path) as parquet:
            for batch in parquet.iter_batches(PARQUET_BATCH_ROWS, columns=list(names)):
                yield wanted, pl.DataFrame(batch).rename(names)
    except (pa.ArrowException, OSError) as error:
        raise TelemetrySourceError(f"{file.name} cannot be read: {_first_line(error)}") from error


def _csv_batches(file: TelemetryFile, attributes: Sequence[int]) -> Iterator[tuple[list[str], pl.DataFrame]]:
    blocks = file.csv_blocks(CSV_BLOCK_BYTES)
    block = next(blocks, b"")
    header = _header(file, block.split(b"\n", 1)[0])
    wanted = _columns_to_read(file, header, attributes)
    yield wanted, _read_csv(file, block, header, set(wanted))
    for block in blocks:
        yield wanted, _read_csv(file, block, header, set(wanted), header_lines=0)


def _columns_to_read(file: TelemetryFile, columns: list[str], attributes: Sequence[int] | None) -> list[str]:
    missing = [name for name in IDENTITY if name not in columns]
    if missing:
        found = ", ".join(columns[:6]) or "no header"
        raise TelemetrySourceError(
            f"{file.name} has no column {' and no column '.join(missing)}; it starts with: {found}"
        )
    chosen = attributes_in(columns) if attributes is None else attributes
    return ["date", "serial_number", "model", "capacity_bytes", "failure", *map(raw_column, chosen)]


def _scan(file: TelemetryFile) -> pl.LazyFrame:
    try:
        scan = pl.scan_parquet(file.path)
        scan.collect_schema()
    except pl.exceptions.PolarsError as error:
        raise TelemetrySourceError(f"{file.name} is not a Parquet file: {_first_line(error)}") from error
    return scan


def _header(file: TelemetryFile, line: bytes) -> list[str]:
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TelemetrySourceError(
            f"{file.name} is not UTF-8 text: {error.reason} at byte {error.start}"
        ) from error
    try:
        return [_clean(name) for row in csv.reader([text.rstrip("\r\n")]) for name in row]
    except csv.Error as error:
        raise TelemetrySourceError(f"{file.name} has no CSV header in its first line: {error}") from error


def _read_csv(
    file: TelemetryFile, data: bytes, header: list[str], wanted: set[str], header_lines: int = 1
) -> pl.DataFrame:
    # Columns are addressed by position: names may repeat, and the header's own spelling does not matter then.
    places = [header.index(name) for name in sorted(wanted & set(header), key=header.index)]
    text = {header.index(name) for name in ("date", "serial_number", "model")}

    def read(numbers: type[pl.DataType]) -> pl.DataFrame:
        return pl.read_csv(
            io.BytesIO(data),
            has_header=False,
            skip_lines=header_lines,
            schema={f"column_{i}": pl.String if i in text else numbers for i in range(len(header))},
            columns=places,
            truncate_ragged_lines=True,
            missing_columns="insert",
            extra_columns="ignore",
            raise_if_empty=False,
        )

    try:
        try:
            frame = read(pl.Int64)
        except (pl.exceptions.ComputeError, pl.exceptions.PanicException):
            # Releases that went through another tool write 194909408.0: read as text, convert value by value.
            # Polars panics where it expects a whole number and the file ends in a lone quote; not as text.
            frame = read(pl.String)
    except pl.exceptions.PolarsError as error:
        raise TelemetrySourceError(f"{file.name} is not a day CSV: {_first_line(error)}") from error
    return frame.rename({f"column_{i}": header[i] for i in places})


def _to_type(name: str, dtype: pl.DataType | None) -> pl.Expr:
    if dtype is None:
        return pl.lit(None, dtype=pl.Int64)
    column = pl.col(name)
    if name == "date":
        return _as_date(column, dtype)
    if name in ("serial_number", "model"):
        text = column.cast(pl.String).str.strip_chars()
        return pl.when(text != "").then(text)
    whole = _as_whole(column, dtype)
    if name == "failure":
        return pl.when(whole.is_in([0, 1])).then(whole).cast(pl.Int8)
    if name == "capacity_bytes":
        return pl.when(whole > 0).then(whole)
    return whole


def _as_date(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.String:
        return column.str.strip_chars().str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    return column.cast(pl.Date)


def _as_whole(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype.is_integer() or dtype == pl.Boolean:
        return column.cast(pl.Int64, strict=False)
    if dtype == pl.String:
        text = column.str.strip_chars()
        exact = text.cast(pl.Int64, strict=False)
        return exact.fill_null(_whole_float(text.cast(pl.Float64, strict=False)))
    return _whole_float(column.cast(pl.Float64, strict=False))


def _whole_float(number: pl.Expr) -> pl.Expr:
    # NaN fails both comparisons with False or gives null; a fraction is not a raw value.
    return pl.when(number.is_finite() & (number == number.floor())).then(number).cast(pl.Int64, strict=False)


def _clean(name: str) -> str:
    return name.strip().strip("\ufeff").strip().lower()


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
