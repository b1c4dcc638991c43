"""History snapshots: the drives of one day with their decoded counters, as an Arrow IPC file with a seal.

Scoring a file writes one snapshot for every date in it, ``<YYYY-MM-DD>/<file>.arrow``. A snapshot keeps the
serial number, a hash of the drive model and the counters that only grow, nothing else: all that a later day
needs to tell what changed. Those of earlier versions of the app say nothing of the model.
"""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, Protocol

import numpy as np
import pyarrow as pa

from functions.errors import TelemetryFileError
from functions.scoring.seal import SealingSink
from functions.scoring.smart import ATTRIBUTES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray

SNAPSHOT_ATTRIBUTES = tuple(attribute.id for attribute in ATTRIBUTES.values() if attribute.counter)
"""Attributes kept, whatever the model uses, so that a model that comes later finds its history."""

BATCH_ROWS = 32_768
"""Rows a record batch, at most."""

HELD_ROWS = 131_072
"""Rows held in memory, about 13 MB, until those of every date are written; `BATCH_ROWS` while all are of one
date, few enough for the processor's cache. Counted in rows of the file, so that the same rows give the same
bytes however they are handed over."""

MAX_DATES = 400
"""Most dates one file may have: a year of days, and a bound on the snapshots it can open."""

MODEL_COLUMN = "model_hash"
"""A hash, as its size is fixed: a dictionary would grow with a file in which every row has its own model."""

SOURCE_KEY = b"drivecast_source"
"""Schema metadata that names the content a snapshot was written from."""


def snapshot_rows(
    serials: pa.StringArray,
    models: NDArray[np.uint64],
    counters: NDArray[np.float64],
    attributes: Sequence[int] = SNAPSHOT_ATTRIBUTES,
) -> pa.RecordBatch:
    """Return rows as a snapshot keeps them: the drive, and whole numbers or nothing.

    Parameters
    ----------
    serials : (n,) string array
    models : (n,) array of uint64
        See `functions.scoring.drive_keys.model_hashes`.
    counters : (n, k) array of float64
        Decoded values, NaN where missing.
    attributes : sequence of int
        Of the columns of ``counters``.
    """
    missing = np.isnan(counters)
    whole = np.where(missing, 0, counters).astype(np.int64)
    columns = [pa.array(column, mask=mask) for column, mask in zip(whole.T, missing.T, strict=True)]
    names = ["serial_number", MODEL_COLUMN, *(f"smart_{attribute}" for attribute in attributes)]
    return pa.record_batch([serials, pa.array(models), *columns], names=names)


def source_id(name: str, etag: str) -> str:
    """Name a file's very content: a second run on it must not take the snapshots of the first for history."""
    return f"{name}\n{etag}"


class SnapshotStore(Protocol):
    """Where snapshots are kept: a folder, or a storage container. Made for one source file.

    What that file has written is no history for it, and is left out.
    """

    def versions(self, day: dt.date) -> Mapping[str, str]:
        """Return by name, sorted, what tells each of a day's snapshots from all others of any store."""
        ...

    def load(self, day: dt.date, name: str) -> bytes | None:
        """Return one snapshot whole; None when it has expired since it was listed."""
        ...

    def withdraw(self, days: Iterable[dt.date], name: str) -> bool:
        """Delete what an earlier version of the file, of one date, left on one of some days.

        Returns
        -------
        bool
            Whether it was history for the file: what was joined with it is to be joined again.
        """
        ...

    def create(self, day: dt.date, name: str) -> AbstractContextManager[BinaryIO]:
        """Open a snapshot for writing; it replaces an older one when the context ends well."""
        ...


class SnapshotWriter:
    """Writes the snapshots of one file while it is scored.

    Parameters
    ----------
    name : str
        The file's name without its extension.
    source : str
        See `source_id`.
    """

    def __init__(self, store: SnapshotStore, name: str, source: str) -> None:
        self._store = store
        self._name = name
        self._metadata = {SOURCE_KEY: source.encode()}
        self._stack = ExitStack()
        self._writers: dict[dt.date, pa.ipc.RecordBatchFileWriter] = {}
        self._pending: dict[dt.date, list[pa.RecordBatch]] = {}
        self._dates: set[dt.date] = set()
        self._held = 0

    def add(self, dates: NDArray[np.datetime64], kept: pa.RecordBatch) -> None:
        """Add rows.

        Parameters
        ----------
        dates : (n,) array of datetime64[D]
        kept : record batch of n rows
            See `snapshot_rows`.

        Raises
        ------
        TelemetryFileError
            The file has more than `MAX_DATES` dates.
        """
        start = 0
        while start < len(dates):
            full = min(HELD_ROWS, (self._held // BATCH_ROWS + 1) * BATCH_ROWS)
            end = min(len(dates), start + full - self._held)
            self._hold(dates[start:end], kept.slice(start, end - start))
            if self._held == HELD_ROWS or (self._held == full and len(self._pending) == 1):
                self._flush()
            start = end

    def _hold(self, dates: NDArray[np.datetime64], kept: pa.RecordBatch) -> None:
        days = np.unique(dates)
        for day in days:
            date = day.item()
            if date not in self._dates and len(self._dates) >= MAX_DATES:
                msg = f"The file has rows of more than {MAX_DATES} dates; split it by quarter or by year."
                raise TelemetryFileError(msg)
            self._dates.add(date)
            rows = kept.take(pa.array(np.flatnonzero(dates == day))) if len(days) > 1 else kept
            self._pending.setdefault(date, []).append(rows)
        self._held += len(dates)

    def _flush(self) -> None:
        for date in sorted(self._pending):
            # Copied into one piece, so that the bytes do not depend on how the rows were handed over.
            parts = self._pending.pop(date)
            table = pa.Table.from_batches(parts)
            table = table.combine_chunks() if len(parts) > 1 else table.take(pa.array(np.arange(len(table))))
            if date not in self._writers:
                sink = self._stack.enter_context(self._store.create(date, self._name))
                sealing = SealingSink(sink)
                self._stack.push(partial(self._seal, sealing))
                options = pa.ipc.IpcWriteOptions(compression="lz4")
                schema = table.schema.with_metadata(self._metadata)
                writer = pa.ipc.new_file(pa.PythonFile(sealing, mode="w"), schema, options=options)
                self._writers[date] = self._stack.enter_context(writer)
            self._writers[date].write_table(table, max_chunksize=BATCH_ROWS)
        self._held = 0

    def _seal(self, sink: SealingSink, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            sink.seal(len(self._dates))

    def withdraw_joined(self, days_joined: Collection[str]) -> bool:
        """Withdraw the file's earlier version where it was joined; return whether it was.

        A version of one date is history for a newer one of another date, and not for one that has its date
        too: that is its correction. Which dates a file has is known at its end.
        """
        days = [date for date in sorted(self._dates) if date.isoformat() in days_joined]
        return bool(days) and self._store.withdraw(days, self._name)

    def commit(self) -> list[str]:
        """Write what is left and make every snapshot visible; return their names, ``<date>/<name>``."""
        self._flush()
        # All have been begun by now: a store may count on it, to tell of how many dates the file is.
        self._stack.close()
        return [f"{date.isoformat()}/{self._name}" for date in sorted(self._dates)]

    def abort(self) -> None:
        """Drop everything; nothing becomes visible."""
        error = TelemetryFileError("aborted")
        self._stack.__exit__(type(error), error, None)
