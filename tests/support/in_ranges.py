"""A file scored in ranges in memory, as the running app does it through storage."""

from __future__ import annotations

import io
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import chain

from functions.scoring.csv.blocks import BLOCK_BYTES
from functions.scoring.csv.byte_ranges import byte_range, lines_begun, owned_lines, range_count
from functions.scoring.csv.duplicates import NONE, RepeatedSerials
from functions.scoring.csv.rejects import Reject
from functions.scoring.engine.file_ledger import FileLedger, RepeatedSerialsError
from functions.scoring.engine.file_limits import FileLimits, naming_first_reject
from functions.scoring.engine.merge import (
    end_rejects,
    merge_ranges,
    ranges_listed_whole,
    repeats_by_range,
)
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
    reject_share: float = 1.0,
) -> Scored:
    """Score bytes in ranges, those with repeated serial numbers twice."""
    source = Source("day.csv", "1", len(data))
    blocks = ScoredBlocks(scorer, challenger, 2)
    limits = FileLimits(reject_share, len(data))
    ranges = [_Range(data, range_bytes, index, NONE) for index in range(range_count(len(data), range_bytes))]
    store = made_for(store, source.name, source.etag)
    outputs = [each.score(blocks, limits, store) for each in ranges]

    def merged(*, compare: bool) -> Scored:
        parts = [part for part, *_ in outputs]
        tally, ledger = tally_of_file(parts), FileLedger(source, store, compare=compare)
        scored = b"".join(each[1] for each in outputs)
        rejects = [each[2] for each in outputs[: ranges_listed_whole(parts)]]
        with naming_first_reject(blocks, tally, lambda: [data]):
            summary = merge_ranges(
                ledger, parts, lambda index: outputs[index][3], tally, scorer.model.manifest, reject_share
            )
        end_rejects(parts, blocks, rejects.append, lambda part: ranges[part.index].rejects(blocks))
        return Scored(summary, scored, b"".join(rejects), tally)

    try:
        return merged(compare=True)
    except RepeatedSerialsError as error:
        found = repeats_by_range(error.repeated, [part for part, *_ in outputs])
    for index, repeated in found.items():
        ranges[index] = _Range(data, range_bytes, index, RepeatedSerials.decode(repeated.encode()))
        outputs[index] = ranges[index].score(blocks, limits, store)
    return merged(compare=False)


@dataclass
class _Range:
    """A range of some bytes, and what it has to know of repeated serial numbers."""

    data: bytes
    range_bytes: int
    index: int
    repeated: RepeatedSerials

    def _read(self, start: int, end: int) -> Iterator[bytes]:
        yield self.data[start:end]

    def _lines(self) -> Iterator[bytes]:
        size = len(self.data)
        return owned_lines(self._read, byte_range(self.index, size, self.range_bytes), size)

    def _header(self) -> bytes | None:
        begin = self.data[:BLOCK_BYTES]
        return (begin[: begin.find(b"\n") + 1] or begin) if self.index else None

    def _lines_before(self) -> int:
        earlier = [byte_range(each, len(self.data), self.range_bytes) for each in range(self.index)]
        return sum(lines_begun(self._read, each) for each in earlier)

    def score(
        self, blocks: ScoredBlocks, limits: FileLimits, store: SnapshotStore | None
    ) -> tuple[RangePart, bytes, bytes, bytes]:
        """Return its record, scored rows, rejects, and rows for the whole file."""
        scored, rejects = io.BytesIO(), io.BytesIO()
        tally, rows, before = Tally(), RangeRowsWriter(), self._lines_before()
        with naming_first_reject(blocks, tally, lambda: [self.data]):
            days_joined = score_range(
                blocks,
                self._lines(),
                scored,
                blocks.reject_list(rejects.write),
                rows.add,
                tally,
                store,
                limits=limits,
                repeated=self.repeated,
                header=self._header(),
                lines_before=before,
            )
        part = RangePart(self.index, before, tally, [], [], days_joined)
        return part, scored.getvalue(), rejects.getvalue(), rows.finish()

    def rejects(self, blocks: ScoredBlocks) -> Generator[list[Reject]]:
        """Find out again which lines are rejected."""
        lines = chain([self._header() or b""], self._lines())
        return blocks.rejects(lines, self._lines_before(), self.repeated)
