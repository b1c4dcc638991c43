"""Telemetry of any amount, a shard of drives at a time.

A quarter of 2025 has 30 million drive-days. One pass over its files writes the columns that are needed to
disk, divided by drive (`training.telemetry.spill`); labels and history look at one drive at a time, so each
shard can then be read, labelled and sampled by itself, and memory holds one shard.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
from rich.console import Console
from rich.progress import track

from training.telemetry.data import (
    ReadReport,
    chosen_attributes,
    identified_rows,
    no_identified_row,
    sorted_last_wins,
)
from training.telemetry.sources import TelemetryFile, find_files
from training.telemetry.spill import Spill
from training.telemetry.tables import read_batches

ROWS_PER_SHARD = 1_000_000
"""Most drive-days of a shard, as a rule: 170 MB with 15 attributes, a few times that while sorting."""

MAX_SHARDS = 128
"""Each keeps a file open while files are read; systems allow 1,024, macOS 256 unless told otherwise."""

_CSV_ROW_BYTES = 150
"""Bytes of a drive-day in the releases with the fewest columns; newer ones only make shards smaller."""


class ShardedFleet:
    """A fleet's telemetry on disk; see `open_shards`.

    Attributes
    ----------
    attributes : tuple of int
        SMART attributes of every frame.
    days : polars.Series of Date
        Every day with any row in the fleet, ascending. Periods, the last labelable day and the choice of
        earlier snapshots are the fleet's, not the shard's: hand this to
        `training.protocol.labels.label_drive_days`.
    """

    def __init__(self, spill: Spill, attributes: Sequence[int], days: pl.Series, read: ReadReport) -> None:
        self.attributes = tuple(attributes)
        self.shards = spill.shards
        self.days = days
        self._spill = spill
        self._read = read
        self._duplicates: dict[int, int] = {}

    def frame(self, shard: int) -> pl.DataFrame:
        """Return the drive-days of a shard's drives, in the frame `read_telemetry` returns for a fleet."""
        rows = self._spill.read(shard)
        frame = sorted_last_wins(rows)
        self._duplicates[shard] = rows.height - frame.height
        return frame

    def frames(self) -> Iterator[pl.DataFrame]:
        """Yield the drive-days of every shard that has any; a drive is in exactly one."""
        for shard in range(self.shards):
            frame = self.frame(shard)
            if frame.height:
                yield frame

    @property
    def report(self) -> ReadReport:
        """Rows left out; duplicates are found as shards are read and are complete after the last one."""
        read = self._read
        return ReadReport(read.files, read.rows_read, read.unidentified, sum(self._duplicates.values()))


@contextmanager
def open_shards(
    paths: Sequence[str | Path],
    attributes: Sequence[int] | None = None,
    *,
    shards: int | None = None,
    folder: Path | None = None,
    progress: bool = True,
) -> Iterator[ShardedFleet]:
    """Read telemetry once onto disk and offer it by shards, as often as wanted, until the block ends.

    Parameters
    ----------
    paths, attributes
        As for `training.telemetry.data.read_telemetry`.
    shards : int, optional
        Number of shards; by default one for every million drive-days, as the files' sizes suggest.
    folder : Path, optional
        Where the temporary files go; the system's temporary folder (TMPDIR) by default. 10 to 20 bytes a
        drive-day with 15 attributes.

    Raises
    ------
    TelemetrySourceError
        As `training.telemetry.data.read_telemetry`, and when the disk is full.
    """
    files = find_files(paths)
    attributes = chosen_attributes(files, attributes)
    number = shards or min(MAX_SHARDS, 1 + sum(map(_rows_at_most, files)) // ROWS_PER_SHARD)
    shown: Iterable[TelemetryFile] = files
    if progress:
        shown = track(files, description="reading telemetry", console=Console(stderr=True), transient=True)
    days: set[dt.date] = set()
    rows_read = identified = 0
    with tempfile.TemporaryDirectory(prefix="drivecast-", dir=folder) as temporary:
        with Spill(Path(temporary), number, attributes) as spill:
            for file in shown:
                for batch in read_batches(file, attributes):
                    rows = identified_rows(batch)
                    rows_read += batch.height
                    identified += rows.height
                    days.update(rows["date"].unique())
                    spill.add(rows)
        if rows_read and not identified:
            raise no_identified_row(files[0], rows_read)
        report = ReadReport(len(files), rows_read, rows_read - identified, 0)
        yield ShardedFleet(spill, attributes, pl.Series("date", sorted(days), dtype=pl.Date), report)


def _rows_at_most(file: TelemetryFile) -> int:
    if file.is_parquet:
        try:
            return int(pq.read_metadata(file.path).num_rows)
        except (OSError, ValueError):
            return 0  # what is wrong with it is said when it is read
    return file.unpacked_bytes() // _CSV_ROW_BYTES
