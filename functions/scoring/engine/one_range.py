"""The batch engine for one range of a large file; `range_merge` makes the ranges one file again."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from functions.scoring.csv.rejects import REJECTS_HEADER, rejects_csv
from functions.scoring.csv.scored_rows import SCORED_HEADER
from functions.scoring.engine.range_result import RangeRowsWriter
from functions.scoring.report.tally import Tally
from functions.scoring.shadow.tally import ShadowTally

if TYPE_CHECKING:
    from collections.abc import Iterable

    from functions.scoring.csv.duplicates import DuplicateLines
    from functions.scoring.engine.pipeline import ScoredBlocks
    from functions.scoring.engine.whole_file import Sink
    from functions.scoring.history.snapshots import SnapshotStore


@dataclass(frozen=True, slots=True)
class ScoredRange:
    """What became of a range, beside what was written.

    Attributes
    ----------
    tally : Tally
    days_joined : list of str
        Snapshot days, ISO dates, ascending.
    rows : bytes
        See `functions.scoring.engine.range_result`.
    """

    tally: Tally
    days_joined: list[str]
    rows: bytes


def score_range(
    blocks: ScoredBlocks,
    header: bytes,
    lines: Iterable[bytes],
    scored: Sink,
    rejects: Sink,
    store: SnapshotStore | None,
    own_source: str,
    duplicates: DuplicateLines,
    *,
    lines_before: int | None,
) -> ScoredRange:
    """Score one range of a file.

    Parameters
    ----------
    blocks : ScoredBlocks
    header : bytes
        The file's first line; as far as it is at most a block, if it is longer.
    lines : iterable of bytes
        The range's lines; of the first range without the header too.
    scored : Sink
        The header of either output comes from the first range.
    rejects : Sink
    store : SnapshotStore or None
        History to join; nothing is added to it.
    own_source : str
        See `functions.scoring.history.snapshots.SnapshotWriter`.
    duplicates : DuplicateLines
    lines_before : int or None
        Data lines of the file before the range; None for the first range.

    Raises
    ------
    TelemetryFileError
        The file as a whole cannot be scored.
    """
    telemetry = blocks.open(chain([header], lines), lines_before or 0)
    history = blocks.history(store, own_source)
    challenger = blocks.challenger
    tally = Tally(shadow=None if challenger is None else ShadowTally(challenger.model.version))
    rows = RangeRowsWriter()
    if lines_before is None:
        scored.write(SCORED_HEADER)
        rejects.write(REJECTS_HEADER)
    for part in blocks.score(telemetry, history, store, own_source, duplicates):
        scored.write(part.scored)
        rejects.write(rejects_csv(part.rejects))
        tally.add(part.tally)
        rows.add(part.rows, part.kept)
    return ScoredRange(tally, sorted(history.used) if history is not None else [], rows.finish())
