"""The batch engine for one range of a file, which may be the whole of it."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Protocol

from functions.scoring.csv.scored_rows import SCORED_HEADER
from functions.scoring.shadow.tally import ShadowTally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pyarrow as pa

    from functions.scoring.csv.duplicates import RepeatedSerials
    from functions.scoring.csv.parser import Rows
    from functions.scoring.csv.rejects import RejectList
    from functions.scoring.engine.file_limits import FileLimits
    from functions.scoring.engine.pipeline import ScoredBlocks
    from functions.scoring.history.snapshots import SnapshotStore
    from functions.scoring.report.tally import Tally


class Sink(Protocol):
    """Where an output is written: a binary file, or a staged blob."""

    def write(self, data: bytes, /) -> object:
        """Append bytes."""
        ...

    def seek(self, offset: int, /) -> int:
        """Go back to the beginning; 0 is the only offset asked for."""
        ...

    def truncate(self) -> int:
        """Cut off everything after the position."""
        ...


def score_range(
    blocks: ScoredBlocks,
    lines: Iterable[bytes],
    scored: Sink,
    rejects: RejectList,
    keep: Callable[[Rows, pa.RecordBatch], None],
    tally: Tally,
    store: SnapshotStore | None,
    *,
    limits: FileLimits,
    repeated: RepeatedSerials,
    header: bytes | None = None,
    lines_before: int = 0,
) -> list[str]:
    """Score one range of a file; return the snapshot days it was joined with, ISO dates, ascending.

    Parameters
    ----------
    lines : iterable of bytes
        The range's lines, in chunks of any size; of the first range with the header.
    rejects : RejectList
        Is not ended. The header of either output comes from the first range.
    keep : callable
        Gets the rows of every block, and what history keeps of them.
    tally : Tally
        Counts are added here, so that a failure can say how far it came.
    store : SnapshotStore or None
        History to join; nothing is added to it.
    limits : FileLimits
        Of the whole file.
    header : bytes, optional
        For a range that is not the first: the file's first line; as far as it is at most a block, if it is
        longer.
    lines_before : int
        Data lines of the file before the range.

    Raises
    ------
    TelemetryFileError
        The file as a whole cannot be scored.
    DamagedFileError
        See `FileLimits.check`.
    """
    telemetry = blocks.open(lines if header is None else chain([header], lines), lines_before)
    history = blocks.history(store, repeated)
    if blocks.challenger is not None:
        tally.shadow = ShadowTally(blocks.challenger.model.version)
    if header is None:
        scored.write(SCORED_HEADER)
        rejects.begin()
    bytes_read = 0
    for part in blocks.score(telemetry, history, store, repeated):
        scored.write(part.scored)
        rejects.add(part.rejects)
        tally.add(part.tally)
        keep(part.rows, part.kept)
        bytes_read += part.size
        limits.check(tally, bytes_read, telemetry.parser.shortest_row)
    return sorted(history.used) if history is not None else []
