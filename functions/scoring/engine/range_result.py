"""The result of one range, left for its file: a record, and those rows that the whole file still needs.

The rows are for history and to find repeats, in a compressed Arrow stream: line and date, and what history
keeps as `functions.scoring.history.snapshots` has it. Whoever completes the file reads all ranges' rows in
order, writes the snapshots and sees which drives are in the file twice.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa

from functions.scoring.history.snapshots import BATCH_ROWS, MODEL_COLUMN, SNAPSHOT_ATTRIBUTES
from functions.scoring.report.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from functions.scoring.csv.parser import Rows


class RangePart(msgspec.Struct):
    """The record of one scored range; written last, so that its being there says the range is done.

    Attributes
    ----------
    index : int
        Position among the file's ranges, from 0.
    lines_before : int
        Data lines of the file before it.
    scored, rejects : list of str
        Ids of its staged blocks of either output, in order.
    days_joined : list of str
        Snapshot days its rows were joined with.
    """

    index: int
    lines_before: int
    tally: Tally
    scored: list[str]
    rejects: list[str]
    days_joined: list[str]


def tally_of_file(parts: Iterable[RangePart]) -> Tally:
    """Add the ranges up, as if the file had been scored in one piece."""
    whole = Tally()
    for part in parts:
        whole.add(part.tally)
    return whole


_SCHEMA = pa.schema(
    [
        ("line", pa.int64()),
        ("date", pa.date32()),
        ("serial_number", pa.string()),
        (MODEL_COLUMN, pa.uint64()),
        *((f"smart_{attribute}", pa.int64()) for attribute in SNAPSHOT_ATTRIBUTES),
    ]
)


@dataclass(frozen=True, slots=True)
class RangeRows:
    """Rows of a range.

    Attributes
    ----------
    lines : (n,) array of int64
        Line numbers, ascending.
    dates : (n,) array of datetime64[D]
    kept : record batch of n rows
        See `functions.scoring.history.snapshots.snapshot_rows`.
    """

    lines: NDArray[np.int64]
    dates: NDArray[np.datetime64]
    kept: pa.RecordBatch

    @property
    def serials(self) -> pa.StringArray:
        """Serial numbers."""
        return self.kept.column(0)

    @property
    def model_hashes(self) -> NDArray[np.uint64]:
        """Hashes of the drive models, (n,)."""
        found: NDArray[np.uint64] = self.kept.column(1).to_numpy()
        return found


class RangeRowsWriter:
    """Collects the rows of one range."""

    def __init__(self) -> None:
        self._buffer = io.BytesIO()
        self._writer = pa.ipc.new_stream(
            self._buffer, _SCHEMA, options=pa.ipc.IpcWriteOptions(compression="lz4")
        )
        self._held: list[pa.RecordBatch] = []

    def add(self, rows: Rows, kept: pa.RecordBatch) -> None:
        """Add the rows of a block, and what history keeps of them."""
        if not len(rows.lines):
            return
        columns = [pa.array(rows.lines), pa.array(rows.dates.astype("datetime64[D]")), *kept.columns]
        self._held.append(pa.record_batch(columns, schema=_SCHEMA))
        if sum(map(len, self._held)) >= BATCH_ROWS:
            self._flush()

    def _flush(self) -> None:
        self._writer.write_table(pa.Table.from_batches(self._held, _SCHEMA).combine_chunks())
        self._held.clear()

    def finish(self) -> bytes:
        """Return the stream; nothing can be added any more."""
        self._flush()
        self._writer.close()
        return self._buffer.getvalue()


def read_range_rows(data: bytes) -> Iterator[RangeRows]:
    """Read the stream of a `RangeRowsWriter`, some `BATCH_ROWS` at a time."""
    with pa.ipc.open_stream(pa.py_buffer(data)) as reader:
        for batch in reader:
            yield RangeRows(
                batch.column(0).to_numpy(),
                batch.column(1).to_numpy(zero_copy_only=False).astype("datetime64[D]"),
                batch.select(range(2, batch.num_columns)),
            )
