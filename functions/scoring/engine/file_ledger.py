"""The books of one file: its rows are entered in order, as blocks or as what ranges left, and closed once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.errors import TelemetryFileError
from functions.scoring.csv.duplicates import DuplicateFinder, RepeatedSerials, repeated_serials
from functions.scoring.history.snapshots import SnapshotStore, SnapshotWriter, source_id
from functions.scoring.report.summary import scored_summary
from functions.scoring.report.tally import MAX_REJECT_SHARE, Source, Tally, refuse_damaged
from functions.scoring.telemetry import file_stem

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from typing import Any, Self

    import pyarrow as pa

    from functions.scoring.csv.duplicates import SerialDayRows
    from functions.scoring.model.manifest import Manifest


class RepeatedSerialsError(Exception):
    """Serial numbers are in the file more than once on a date: it is scored again, with them known."""

    def __init__(self, repeated: RepeatedSerials) -> None:
        super().__init__(len(repeated.lines), len(repeated.shared))
        self.repeated = repeated


class EarlierVersionJoinedError(Exception):
    """The file was joined with its own earlier version, which has been withdrawn: it is scored again."""


class FileLedger:
    """A context manager; leaving it before `close` drops the snapshots.

    Parameters
    ----------
    store : SnapshotStore or None
        Gets a snapshot for each date of the file.
    compare : bool
        Look for serial numbers that are in the file more than once; False once that is done.
    """

    def __init__(self, source: Source, store: SnapshotStore | None, *, compare: bool) -> None:
        self._source = source
        self._compare = compare
        self._finder = DuplicateFinder(source.name)
        self._snapshots = None
        self._too_many_dates: TelemetryFileError | None = None
        if store is not None:
            own = source_id(source.name, source.etag)
            self._snapshots = SnapshotWriter(store, file_stem(source.name), own)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Drop the snapshots that are not visible yet."""
        with self._finder:
            if self._snapshots is not None:
                self._snapshots.abort()

    def enter(self, rows: SerialDayRows, kept: pa.RecordBatch) -> None:
        """Enter the next rows, and what history keeps of them.

        Raises
        ------
        TelemetryFileError
            The file alone is larger than the temporary disk.
        DiskFullError
            The temporary disk is full.
        """
        if not len(rows.lines):
            return
        if self._compare:
            self._finder.add(rows)
        if self._snapshots is not None and self._too_many_dates is None:
            try:
                self._snapshots.add(rows.dates, kept)
            except TelemetryFileError as error:
                # Said by `close`: whole or in ranges, all lines are counted.
                self._too_many_dates = error
                self._snapshots.abort()

    def close(
        self,
        tally: Tally,
        rows_again: Callable[[], Iterable[SerialDayRows]],
        manifest: Manifest,
        days_joined: Collection[str],
        max_reject_share: float = MAX_REJECT_SHARE,
    ) -> dict[str, Any]:
        """Make the snapshots visible; return the summary.

        Parameters
        ----------
        tally : Tally
            Of the whole file.
        rows_again : callable
            Gives all rows once more, to be compared exactly.
        days_joined : collection of str
            Snapshot days, ISO dates.

        Raises
        ------
        DamagedFileError
            See `functions.scoring.report.tally.refuse_damaged`.
        RepeatedSerialsError
            Lines were scored that do not count, or joined with what may be another drive's history.
        EarlierVersionJoinedError
            Rows were joined with a wrong version of themselves.
        TelemetryFileError
            The file as a whole cannot be scored.
        """
        # First: of a damaged file it may be said before its dates have been counted.
        refuse_damaged(tally, max_reject_share)
        if self._too_many_dates is not None:
            raise self._too_many_dates
        suspects = self._finder.suspects()
        if len(suspects):
            repeated = repeated_serials(rows_again(), suspects)
            if len(repeated.lines) or (len(repeated.shared) and tally.by_serial):
                raise RepeatedSerialsError(repeated)
        if self._snapshots is not None and self._snapshots.withdraw_joined(days_joined):
            raise EarlierVersionJoinedError
        written = self._snapshots.commit() if self._snapshots is not None else []
        return scored_summary(self._source, tally, manifest, sorted(days_joined), written)
