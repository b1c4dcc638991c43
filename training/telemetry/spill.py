"""Drive-days on disk, divided by drive, so that a fleet larger than memory can be read a part at a time."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import polars as pl
import pyarrow as pa

from training.errors import TelemetrySourceError
from training.telemetry.tables import raw_column


class Codes:
    """Names as numbers, counted in order of first appearance."""

    def __init__(self) -> None:
        self._table = pl.DataFrame(schema={"name": pl.String, "code": pl.UInt32})

    def encode(self, names: pl.Series) -> pl.Series:
        """Return the names' numbers (UInt32); a new name gets the next one."""
        rows = names.alias("name").to_frame()
        new = rows.unique(maintain_order=True).join(self._table, on="name", how="anti", maintain_order="left")
        if new.height:
            first = self._table.height
            numbers = pl.Series("code", range(first, first + new.height), dtype=pl.UInt32)
            self._table = pl.concat([self._table, new.with_columns(numbers)], rechunk=True)
        return rows.join(self._table, on="name", how="left", maintain_order="left")["code"]

    def decode(self, codes: pl.Series) -> pl.Series:
        """Return the names (String) of numbers."""
        return self._table["name"].gather(codes)


class Spill:
    """A folder with one Arrow stream for each shard of a fleet.

    Serial numbers and models are written as numbers, and columns are compressed. A drive's rows are all in
    one shard, in the order in which they were added.

    Parameters
    ----------
    folder : Path
        An empty folder.
    shards : int
        Number of shards, at least 1; each keeps a file open while rows are added.
    attributes : sequence of int
        SMART attributes of every row.
    """

    def __init__(self, folder: Path, shards: int, attributes: Sequence[int]) -> None:
        self.folder = folder
        self.shards = shards
        self._columns = ["date", "serial_number", "model", "capacity_bytes", "failure"]
        self._columns += map(raw_column, attributes)
        self._serials, self._models = Codes(), Codes()
        self._writers: dict[int, Any] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Finish the files; no row can be added then, and every shard can be read."""
        with self._disk_full():
            self._open.close()

    def add(self, rows: pl.DataFrame) -> None:
        """Write drive-days with the columns of `tables.read_table`; identity columns have no null.

        Raises
        ------
        TelemetrySourceError
            When the disk is full.
        """
        coded = rows.select(self._columns).with_columns(
            self._serials.encode(rows["serial_number"]).alias("serial_number"),
            self._models.encode(rows["model"]).alias("model"),
        )
        shard = (pl.col("serial_number") % self.shards).alias("shard")
        parts = coded.with_columns(shard).partition_by(
            "shard", maintain_order=True, include_key=False, as_dict=True
        )
        with self._disk_full():
            for (number,), part in parts.items():
                self._write(int(number), part)

    def read(self, shard: int) -> pl.DataFrame:
        """Return a shard's rows as they were added, with serial numbers and models as text."""
        path = self._path(shard)
        if not path.exists():
            return pl.DataFrame(schema=self._schema())
        with pa.OSFile(str(path)) as file, pa.ipc.open_stream(file) as stream:
            coded = pl.DataFrame(stream.read_all())
        return coded.with_columns(
            self._serials.decode(coded["serial_number"]).alias("serial_number"),
            self._models.decode(coded["model"]).alias("model"),
        )

    def _write(self, shard: int, part: pl.DataFrame) -> None:
        table = part.rechunk().to_arrow()
        if shard not in self._writers:
            file = self._open.enter_context(pa.OSFile(str(self._path(shard)), "wb"))
            options = pa.ipc.IpcWriteOptions(compression=pa.Codec("zstd", compression_level=1))
            self._writers[shard] = self._open.enter_context(
                pa.ipc.new_stream(file, table.schema, options=options)
            )
        self._writers[shard].write_table(table)

    def _path(self, shard: int) -> Path:
        return self.folder / f"{shard:04}.arrows"

    def _schema(self) -> dict[str, type[pl.DataType]]:
        types: dict[str, type[pl.DataType]] = dict.fromkeys(self._columns, pl.Int64)
        return types | {"date": pl.Date, "serial_number": pl.String, "model": pl.String, "failure": pl.Int8}

    def _disk_full(self) -> _DiskFull:
        return _DiskFull(self.folder)


class _DiskFull:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise TelemetrySourceError(
                f"the disk is full: telemetry is divided by drive in {self._folder.parent}; set TMPDIR to a "
                "folder on a disk with room for about 20 bytes a drive-day"
            ) from error
