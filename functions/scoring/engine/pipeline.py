"""Lines of telemetry in, scored blocks out: what scoring a file and scoring a range of one have in common.

Blocks are parsed, scored, explained and rendered on a few threads (the parser, the model and numpy let go of
the interpreter's lock) and handed over in input order. Between parsing and scoring a segment of them is
joined with history at once.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import pyarrow as pa

from functions.call_threads import CallThreads
from functions.errors import TelemetryFileError
from functions.scoring.csv.blocks import Block, line_blocks
from functions.scoring.csv.duplicates import NONE, RepeatedSerials, without_duplicates
from functions.scoring.csv.formulas import escape_reject
from functions.scoring.csv.header import Header, read_header
from functions.scoring.csv.parser import BlockParser
from functions.scoring.csv.rejects import RejectList
from functions.scoring.engine.block import (
    BlockScorer,
    ParsedBlock,
    RowParser,
    ScoredBlock,
    optional_attributes,
)
from functions.scoring.history.join import History
from functions.scoring.json.objects import object_lines
from functions.scoring.json.parser import ObjectParser
from functions.scoring.shadow.scorer import ShadowScorer

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping

    from functions.scoring.csv.rejects import Reject
    from functions.scoring.history.snapshots import SnapshotStore
    from functions.scoring.model.scorer import Scorer
    from functions.settings import EscapedOutputs

THREADS = 2
"""Blocks worked on at once; the cores of a 4 GB Flex Consumption instance."""

SEGMENT_BYTES = 16 * 1024 * 1024
"""Of the lines that are joined with history at once, at least, unless they are `SEGMENT_LINES`."""

SEGMENT_LINES = 45_000
"""Of a segment whose lines are short: their rows take as much memory as those of long ones. Some 43,000 of
the widest release are 16 MiB."""

# Blocks come and go at the same size; Arrow's own allocator keeps 70 MB more of what they leave behind.
pa.set_memory_pool(pa.system_memory_pool())


@dataclass(frozen=True, slots=True)
class OpenTelemetry:
    """Telemetry whose header has been read.

    Attributes
    ----------
    blocks : iterator of Block
        The data lines.
    """

    parser: RowParser
    blocks: Iterator[Block]


class ScoredBlocks:
    """Scores the blocks of telemetry with one model, and its challenger.

    Parameters
    ----------
    challenger : Scorer or None
        Scores the same rows in the shadow.
    escaped : {"none", "rejects", "all"}
        Outputs in which no text is a formula; see `functions.scoring.csv.formulas`.
    json : bool
        Whether the telemetry is what smartctl prints, and not a CSV. It has no header and no ranges.
    """

    def __init__(
        self,
        scorer: Scorer,
        challenger: Scorer | None = None,
        threads: int = THREADS,
        escaped: EscapedOutputs = "rejects",
        *,
        json: bool = False,
    ) -> None:
        self.scorer = scorer
        self.challenger = challenger
        self._threads = threads
        self._escaped = escaped
        self._json = json
        self._optional = optional_attributes(scorer, challenger)

    def open(self, lines: Iterable[bytes], lines_before: int = 0) -> OpenTelemetry:
        """Read the header, or find out in which form the objects are.

        Parameters
        ----------
        lines : iterable of bytes
            Header and data lines, in chunks of any size; or all of a file of JSON.
        lines_before : int
            Data lines of the file between the header and these.

        Raises
        ------
        TelemetryFileError
            There is no header that says where everything stands, or it is no JSON of a form that is taken.
        """
        if self._json:
            objects = object_lines(lines)
            return OpenTelemetry(
                ObjectParser(self.scorer.needed, self._optional, each_apart=objects.each_apart),
                line_blocks(objects.lines),
            )
        blocks = line_blocks(lines)
        first = next(blocks, None)
        if first is None:
            msg = "The file is empty; a header line and one line a drive are expected."
            raise TelemetryFileError(msg)
        if first.too_long:
            msg = "The first line is longer than 1 MiB; it must be a header of column names."
            raise TelemetryFileError(msg)
        end = first.data.index(b"\n") + 1
        evidence = self.scorer.scopes.evidence
        header = read_header(first.data[:end], self.scorer.attributes, evidence)
        header = self._with_optional(header, first.data[:end])
        rest = [Block(2, first.data[end:])] if len(first.data) > end else []
        numbered = (
            dataclasses.replace(block, first_line=block.first_line + lines_before)
            for block in chain(rest, blocks)
        )
        parser = BlockParser(header, self.scorer.needed, self._optional)
        return OpenTelemetry(parser, numbered)

    def history(self, store: SnapshotStore | None, repeated: RepeatedSerials) -> History | None:
        """Return the history that the model's rows are joined with; None without a store."""
        if store is None:
            return None
        return History(store, self.scorer.attributes, self.scorer.model.plan.windows, repeated.shared)

    def score(
        self,
        telemetry: OpenTelemetry,
        history: History | None,
        store: SnapshotStore | None,
        repeated: RepeatedSerials,
    ) -> Iterator[ScoredBlock]:
        """Score all blocks side by side; yield them in input order, with two segments under way at most.

        Parameters
        ----------
        history : History or None
            See `history`.
        store : SnapshotStore or None
            For the challenger, where it joins days of its own.
        """
        parser = telemetry.parser
        shadow = None
        if self.challenger is not None:
            shadow = ShadowScorer(self.challenger, self.scorer, parser.attributes, store, repeated.shared)
        scorer = BlockScorer(self.scorer, parser, history, repeated, shadow, self._escaped)

        with CallThreads(self._threads, thread_name_prefix="score") as pool:
            scoring: deque[Future[ScoredBlock]] = deque()
            try:
                for segment in self._segments(pool, scorer, telemetry.blocks):
                    # While these are joined the next blocks are parsed.
                    joined = list(scorer.join(segment))
                    while scoring:
                        yield scoring.popleft().result()
                    scoring.extend(pool.submit(scorer.score, block) for block in joined)
                while scoring:
                    yield scoring.popleft().result()
            finally:
                for future in scoring:
                    future.cancel()

    def rejects(
        self, lines: Iterable[bytes], lines_before: int = 0, repeated: RepeatedSerials = NONE
    ) -> Generator[list[Reject]]:
        """Read lines as `open` does, and find out again which of each block are rejected; score nothing."""
        telemetry = self.open(lines, lines_before)
        for block in telemetry.blocks:
            yield without_duplicates(block, *telemetry.parser.parse(block), repeated)[1]

    def reject_list(
        self, write: Callable[[bytes], object], listed: Mapping[str, int] | None = None
    ) -> RejectList:
        """Begin a rejects CSV; see `RejectList`."""
        return RejectList(write, listed, None if self._escaped == "none" else escape_reject)

    def _segments(
        self, pool: CallThreads, scorer: BlockScorer, blocks: Iterable[Block]
    ) -> Iterator[list[ParsedBlock]]:
        """Parse blocks side by side; yield as many as are joined at once."""
        parsing: deque[Future[ParsedBlock]] = deque()
        segment: list[ParsedBlock] = []
        try:
            for block in chain(blocks, [None]):
                if block is not None:
                    parsing.append(pool.submit(scorer.parse, block))
                while parsing and (block is None or len(parsing) > 2 * self._threads):
                    segment.append(parsing.popleft().result())
                    size = sum(each.size for each in segment)
                    if size >= SEGMENT_BYTES or sum(each.lines for each in segment) >= SEGMENT_LINES:
                        yield segment
                        segment = []
            if segment:
                yield segment
        finally:
            for future in parsing:
                future.cancel()

    def _with_optional(self, header: Header, line: bytes) -> Header:
        """Add the columns that the model does not need; one that is there twice is left out."""
        raw = dict(header.raw)
        for attribute in self._optional:
            with suppress(TelemetryFileError):
                raw |= read_header(line, [attribute], [attribute]).raw
        return dataclasses.replace(header, raw=raw)
