"""The ranges of a file made one again, byte for byte what scoring it in one piece would have given."""

from __future__ import annotations

from collections import Counter, deque
from concurrent.futures import Future
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

from functions.call_threads import CallThreads
from functions.scoring.csv.rejects import MOST_LISTED
from functions.scoring.engine.file_ledger import FileLedger
from functions.scoring.engine.range_result import RangeRows, read_range_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from functions.scoring.csv.duplicates import RepeatedSerials
    from functions.scoring.csv.rejects import Reject
    from functions.scoring.engine.pipeline import ScoredBlocks
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
    RepeatedSerialsError, EarlierVersionJoinedError, DamagedFileError, TelemetryFileError
        See `FileLedger.close`.
    """
    rows = partial(_rows, parts, load)
    with ledger:
        for each in rows():
            ledger.enter(each, each.kept)
        used = {day for part in parts for day in part.days_joined}
        return ledger.close(tally, rows, manifest, used, max_reject_share)


def ranges_listed_whole(parts: Sequence[RangePart]) -> int:
    """Return how many ranges come before the one in which the list of rejects ends; all if it does not."""
    listed = 0
    for place, part in enumerate(parts):
        listed += part.tally.rejected
        if listed > MOST_LISTED:
            return place
    return len(parts)


def end_rejects(
    parts: Sequence[RangePart],
    blocks: ScoredBlocks,
    write: Callable[[bytes], object],
    rejects_of: Callable[[RangePart], Generator[list[Reject]]],
) -> None:
    """Write what comes after the rejects of the ranges that are listed whole: nothing for most files.

    Parameters
    ----------
    parts : sequence of RangePart
        All of them, in order.
    write : callable
        Appends to the rejects CSV.
    rejects_of : callable
        Finds out again which lines of a range are rejected, see `ScoredBlocks.rejects`. What the range has
        staged ends where its own list does, and that is too late.
    """
    whole = ranges_listed_whole(parts)
    if whole == len(parts):
        return
    rejects = blocks.reject_list(write, _rejects_by_code(parts[:whole]))
    if not whole:
        rejects.begin()
    with closing(rejects_of(parts[whole])) as found:
        while not rejects.is_full:
            rejects.add(next(found))
    rejects.end(_rejects_by_code(parts))


def _rejects_by_code(parts: Sequence[RangePart]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for part in parts:
        counts.update(part.tally.rejects)
    return counts


def repeats_by_range(repeated: RepeatedSerials, parts: Sequence[RangePart]) -> dict[int, RepeatedSerials]:
    """Return which ranges have to be scored again, by position, and what each has to know.

    Where drives share a serial number these are all that have joined any row by its serial number alone.
    """
    # Line 1 is the header.
    first_lines = [part.lines_before + 2 for part in parts]
    ends = [*first_lines[1:], first_lines[-1] + parts[-1].tally.lines]
    found = {}
    for part, first, end in zip(parts, first_lines, ends, strict=True):
        here = repeated.between(first, end)
        if len(here.lines) or (len(here.shared) and part.tally.by_serial):
            found[part.index] = here
    return found


def _rows(parts: Sequence[RangePart], load: Callable[[int], bytes]) -> Iterator[RangeRows]:
    """Read all rows in order; those of the next range are fetched meanwhile."""
    with CallThreads(1, thread_name_prefix="range-rows") as prefetch:
        fetched: deque[Future[bytes]] = deque()
        for part in parts:
            fetched.append(prefetch.submit(load, part.index))
            if len(fetched) > 1:
                yield from read_range_rows(fetched.popleft().result())
        yield from read_range_rows(fetched.popleft().result())
