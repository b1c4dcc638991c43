"""A file scored in ranges in memory, as the running app does it through storage."""

from __future__ import annotations

import io
from collections.abc import Iterator

from functions.scoring.csv.blocks import BLOCK_BYTES
from functions.scoring.csv.byte_ranges import byte_range, lines_begun, owned_lines, range_count
from functions.scoring.csv.duplicates import NONE, DuplicateLines
from functions.scoring.engine.file_ledger import FileLedger, RepeatedDrivesError
from functions.scoring.engine.merge import merge_ranges, repeats_by_range
from functions.scoring.engine.one_range import score_range
from functions.scoring.engine.pipeline import ScoredBlocks
from functions.scoring.engine.range_result import RangePart, RangeRowsWriter, tally_of_file
from functions.scoring.history.snapshots import SnapshotStore
from functions.scoring.model.scorer import Scorer
from functions.scoring.report.tally import Source, Tally
from tests.support.drives import Scored, made_for


def score_in_ranges(
    scorer: Scorer,
    data: bytes,
    range_bytes: int,
    *,
    store: SnapshotStore | None = None,
    challenger: Scorer | None = None,
) -> Scored:
    """Score bytes in ranges, those with repeated drives twice; any share of rejects is taken."""
    source = Source("day.csv", "1", len(data))
    store = made_for(store, source.name, source.etag)
    count = range_count(len(data), range_bytes)
    outputs = [_range(scorer, challenger, data, range_bytes, index, store, NONE) for index in range(count)]

    def merged(*, compare: bool) -> Scored:
        parts = [part for part, *_ in outputs]
        tally, ledger = tally_of_file(parts), FileLedger(source, store, compare=compare)
        summary = merge_ranges(
            ledger, parts, lambda index: outputs[index][3], tally, scorer.model.manifest, 1.0
        )
        scored = b"".join(each[1] for each in outputs)
        rejects = b"".join(each[2] for each in outputs)
        return Scored(summary, scored, rejects, tally)

    try:
        return merged(compare=True)
    except RepeatedDrivesError as repeated:
        found = repeats_by_range(repeated.duplicates, [part for part, *_ in outputs])
    for index, lines in found.items():
        passed_on = DuplicateLines.decode(lines.encode())
        outputs[index] = _range(scorer, challenger, data, range_bytes, index, store, passed_on)
    return merged(compare=False)


def _range(
    scorer: Scorer,
    challenger: Scorer | None,
    data: bytes,
    range_bytes: int,
    index: int,
    store: SnapshotStore | None,
    duplicates: DuplicateLines,
) -> tuple[RangePart, bytes, bytes, bytes]:
    def read(start: int, end: int) -> Iterator[bytes]:
        yield data[start:end]

    size = len(data)
    begin = data[:BLOCK_BYTES]
    header = begin[: begin.find(b"\n") + 1] or begin
    before = sum(lines_begun(read, byte_range(each, size, range_bytes)) for each in range(index))
    scored, rejects = io.BytesIO(), io.BytesIO()
    tally, rows = Tally(), RangeRowsWriter()
    days_joined = score_range(
        ScoredBlocks(scorer, challenger, 2),
        owned_lines(read, byte_range(index, size, range_bytes), size),
        scored,
        rejects,
        rows.add,
        tally,
        store,
        duplicates=duplicates,
        header=header if index else None,
        lines_before=before,
    )
    part = RangePart(index, before, tally, [], [], days_joined)
    return part, scored.getvalue(), rejects.getvalue(), rows.finish()
