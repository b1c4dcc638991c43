"""The ranges of a file made one again, byte for byte what scoring it in one piece would have given."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from functions.call_threads import CallThreads
from functions.scoring.csv.duplicates import DuplicateFinder, duplicate_lines
from functions.scoring.engine.range_result import RangeRows, read_range_rows, tally_of_file
from functions.scoring.history.snapshots import SnapshotStore, SnapshotWriter
from functions.scoring.report.summary import scored_summary
from functions.scoring.report.tally import MAX_REJECT_SHARE, Source, Tally, refuse_damaged
from functions.scoring.telemetry import file_stem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from functions.scoring.csv.duplicates import DuplicateLines
    from functions.scoring.engine.range_result import RangePart
    from functions.scoring.model.manifest import Manifest


class RepeatedDrivesError(Exception):
    """Drives are in the file more than once on a date; these ranges have to be scored again.

    Attributes
    ----------
    by_range : dict of int to DuplicateLines
        By the range's position.
    """

    def __init__(self, by_range: dict[int, DuplicateLines]) -> None:
        super().__init__(sorted(by_range))
        self.by_range = by_range


class RangeMerge:
    """Puts the results of all ranges together.

    Parameters
    ----------
    source : Source
    parts : sequence of RangePart
        All of them, in order.
    rows : callable
        Returns what a range left of its rows, given its position; see
        `functions.scoring.engine.range_result`.
    """

    def __init__(self, source: Source, parts: Sequence[RangePart], rows: Callable[[int], bytes]) -> None:
        self._source = source
        self._parts = parts
        self._load = rows
        self.tally: Tally = tally_of_file(parts)
        """Of the whole file."""

    def merge(
        self,
        store: SnapshotStore | None,
        manifest: Manifest,
        *,
        compare: bool,
        max_reject_share: float = MAX_REJECT_SHARE,
    ) -> dict[str, Any]:
        """Write the snapshots; return the summary.

        Parameters
        ----------
        store : SnapshotStore or None
        manifest : Manifest
            Of the model that scored the ranges.
        compare : bool
            Look for drives that are in the file more than once; False once that is done.
        max_reject_share : float

        Raises
        ------
        RepeatedDrivesError
            Some ranges have to be scored again. No snapshot is written.
        TelemetryFileError
            The file as a whole cannot be scored.
        """
        refuse_damaged(self.tally, max_reject_share)
        own = f"{self._source.name}\n{self._source.etag}"
        writer = None
        if store is not None:
            writer = SnapshotWriter(store, file_stem(self._source.name), own)
        try:
            with DuplicateFinder() as finder:
                for rows in self._rows():
                    if writer is not None:
                        writer.add(rows.dates, rows.kept)
                    if compare:
                        finder.add(rows)
                self._refuse_repeated(finder)
        except BaseException:
            if writer is not None:
                writer.abort()
            raise
        written = writer.commit() if writer is not None else []
        used = {day for part in self._parts for day in part.days_joined}
        return scored_summary(self._source, self.tally, manifest, sorted(used), written)

    def _rows(self) -> Iterator[RangeRows]:
        """Read all rows in order; those of the next range are fetched meanwhile."""
        with CallThreads(1, thread_name_prefix="range-rows") as prefetch:
            fetched: deque[Future[bytes]] = deque()
            for part in self._parts:
                fetched.append(prefetch.submit(self._load, part.index))
                if len(fetched) > 1:
                    yield from read_range_rows(fetched.popleft().result())
            yield from read_range_rows(fetched.popleft().result())

    def _refuse_repeated(self, finder: DuplicateFinder) -> None:
        suspects = finder.suspects()
        if not len(suspects):
            return
        duplicates = duplicate_lines(self._rows(), suspects)
        # Line 1 is the header.
        first_lines = [part.lines_before + 2 for part in self._parts]
        ends = [*first_lines[1:], first_lines[-1] + self._parts[-1].tally.lines]
        found = {
            part.index: duplicates.between(first, end)
            for part, first, end in zip(self._parts, first_lines, ends, strict=True)
        }
        repeated = {index: lines for index, lines in found.items() if len(lines)}
        if repeated:
            raise RepeatedDrivesError(repeated)
