"""Lines of telemetry in, scored blocks out: what scoring a file and scoring a range of one have in common.

Blocks are parsed, scored, explained and rendered on a few threads (the parser, the model and numpy let go of
the interpreter's lock) and handed over in input order.
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
from functions.scoring.csv.duplicates import NONE, DuplicateLines, without_duplicates
from functions.scoring.csv.header import Header, read_header
from functions.scoring.csv.parser import BlockParser
from functions.scoring.engine.block import BlockScorer, ScoredBlock, read_attributes, shadow_attributes
from functions.scoring.engine.gathered_blocks import gathered
from functions.scoring.history.join import History
from functions.scoring.shadow.scorer import ShadowScorer

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from functions.scoring.csv.rejects import Reject
    from functions.scoring.history.snapshots import SnapshotStore
    from functions.scoring.model.scorer import Scorer

THREADS = 2
"""Blocks worked on at once; the cores of a 4 GB Flex Consumption instance."""

# Blocks come and go at the same size; Arrow's own allocator keeps 70 MB more of what they leave behind.
pa.set_memory_pool(pa.system_memory_pool())


@dataclass(frozen=True, slots=True)
class OpenTelemetry:
    """Telemetry whose header has been read.

    Attributes
    ----------
    parser : BlockParser
    blocks : iterator of Block
        The data lines.
    """

    parser: BlockParser
    blocks: Iterator[Block]


class ScoredBlocks:
    """Scores the blocks of telemetry with one model, and its challenger.

    Parameters
    ----------
    scorer : Scorer
    challenger : Scorer or None
        Scores the same rows in the shadow.
    threads : int
    """

    def __init__(self, scorer: Scorer, challenger: Scorer | None = None, threads: int = THREADS) -> None:
        self.scorer = scorer
        self.challenger = challenger
        self._threads = threads
        self._attributes = read_attributes(scorer)
        self._shadow_attributes = shadow_attributes(scorer, challenger)

    def open(self, lines: Iterable[bytes], lines_before: int = 0) -> OpenTelemetry:
        """Read the header.

        Parameters
        ----------
        lines : iterable of bytes
            Header and data lines, in chunks of any size.
        lines_before : int
            Data lines of the file between the header and these.

        Raises
        ------
        TelemetryFileError
            There is no header that says where everything stands.
        """
        blocks = line_blocks(lines)
        first = next(blocks, None)
        if first is None:
            msg = "The file is empty; a header line and one line a drive are expected."
            raise TelemetryFileError(msg)
        if first.too_long:
            msg = "The first line is longer than 1 MiB; it must be a header of column names."
            raise TelemetryFileError(msg)
        end = first.data.index(b"\n") + 1
        evidence = self.scorer.model.manifest.evidence
        header = read_header(first.data[:end], self._attributes, evidence)
        header = self._with_shadow(header, first.data[:end])
        rest = [Block(2, first.data[end:])] if len(first.data) > end else []
        numbered = (
            dataclasses.replace(block, first_line=block.first_line + lines_before)
            for block in chain(rest, blocks)
        )
        parser = BlockParser(header, self._attributes, self._shadow_attributes)
        return OpenTelemetry(parser, numbered)

    def history(self, store: SnapshotStore | None, own_source: str) -> History | None:
        """Return the history that the model's rows are joined with; None without a store."""
        if store is None:
            return None
        return History(store, self.scorer.attributes, self.scorer.model.plan.windows, own_source)

    def score(
        self,
        telemetry: OpenTelemetry,
        history: History | None,
        store: SnapshotStore | None,
        own_source: str,
        duplicates: DuplicateLines,
    ) -> Iterator[ScoredBlock]:
        """Score all blocks side by side; yield them in input order, with a bounded number under way.

        Parameters
        ----------
        telemetry : OpenTelemetry
        history : History or None
            See `history`.
        store : SnapshotStore or None
            For what the challenger joins beside it.
        own_source : str
            See `functions.scoring.history.snapshots.SnapshotWriter`.
        duplicates : DuplicateLines
        """
        parser = telemetry.parser
        shadow = None
        if self.challenger is not None:
            shadow = ShadowScorer(self.challenger, self.scorer, parser.attributes, store, own_source)
        scorer = BlockScorer(self.scorer, parser, history, duplicates, shadow)

        def prefers_large() -> bool:
            return any(each is not None and each.prefers_large_blocks for each in (history, shadow))

        with CallThreads(self._threads, thread_name_prefix="score") as pool:
            waiting: deque[Future[ScoredBlock]] = deque()
            try:
                for block in gathered(telemetry.blocks, prefers_large):
                    waiting.append(pool.submit(scorer.score, block))
                    if len(waiting) > 2 * self._threads:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

    def rejects(
        self, lines: Iterable[bytes], lines_before: int = 0, duplicates: DuplicateLines = NONE
    ) -> Generator[list[Reject]]:
        """Read lines as `open` does, and find out again which of each block are rejected; score nothing."""
        telemetry = self.open(lines, lines_before)
        for block in telemetry.blocks:
            yield without_duplicates(block, *telemetry.parser.parse(block), duplicates)[1]

    def _with_shadow(self, header: Header, line: bytes) -> Header:
        """Add the columns that only the challenger reads; one that is there twice is left out."""
        raw = dict(header.raw)
        for attribute in self._shadow_attributes:
            with suppress(TelemetryFileError):
                raw |= read_header(line, [attribute], [attribute]).raw
        return dataclasses.replace(header, raw=raw)
