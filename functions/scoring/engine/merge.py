"""The ranges of a file made one again, byte for byte what scoring it in one piece would have given."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

from functions.call_threads import CallThreads
from functions.scoring.engine.file_ledger import FileLedger
from functions.scoring.engine.range_result import RangeRows, read_range_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from functions.scoring.csv.duplicates import DuplicateLines
    from functions.scoring.engine.range_result import RangePart
    from functions.scoring.model.manifest import Manifest
    from functions.scoring.report.tally import Tally


def merge_ranges(
    ledger: FileLedger,
    parts: Sequence[RangePart],
    load: Callable[[int], bytes],
    tally: Tally,
    manifest: Manifest,
    max_reject_share: float,
) -> dict[str, Any]:
    """Enter the rows of all ranges and close the ledger; return the summary.

    Parameters
    ----------
    parts : sequence of RangePart
        All of them, in order.
    load : callable
        Returns the rows that a range left, given its position, as a `RangeRowsWriter` wrote them.
    tally : Tally
        Of all parts.

    Raises
    ------
    RepeatedDrivesError, EarlierVersionJoinedError, TelemetryFileError
        See `FileLedger.close`.
    """
    rows = partial(_rows, parts, load)
    with ledger:
        for each in rows():
            ledger.enter(each, each.kept)
        used = {day for part in parts for day in part.days_joined}
        return ledger.close(tally, rows, manifest, used, max_reject_share)


def repeats_by_range(duplicates: DuplicateLines, parts: Sequence[RangePart]) -> dict[int, DuplicateLines]:
    """Return which ranges have to be scored again, by position, and without which of their lines."""
    # Line 1 is the header.
    first_lines = [part.lines_before + 2 for part in parts]
    ends = [*first_lines[1:], first_lines[-1] + parts[-1].tally.lines]
    found = {
        part.index: duplicates.between(first, end)
        for part, first, end in zip(parts, first_lines, ends, strict=True)
    }
    return {index: lines for index, lines in found.items() if len(lines)}


def _rows(parts: Sequence[RangePart], load: Callable[[int], bytes]) -> Iterator[RangeRows]:
    """Read all rows in order; those of the next range are fetched meanwhile."""
    with CallThreads(1, thread_name_prefix="range-rows") as prefetch:
        fetched: deque[Future[bytes]] = deque()
        for part in parts:
            fetched.append(prefetch.submit(load, part.index))
            if len(fetched) > 1:
                yield from read_range_rows(fetched.popleft().result())
        yield from read_range_rows(fetched.popleft().result())
