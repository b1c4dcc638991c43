"""The batch engine: CSV bytes in; scored CSV, rejects and summary out.

Memory is bounded by the block, not the file.

Blocks are parsed, scored, explained and rendered on a few threads (the parser, the model and numpy let go of
the interpreter's lock) and written in input order.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from functions.errors import TelemetryFileError
from functions.scoring.csv_block import BlockScorer, ScoredBlock, read_attributes
from functions.scoring.csv_header import read_header
from functions.scoring.csv_lines import Block, inflated, line_blocks
from functions.scoring.csv_output import SCORED_HEADER
from functions.scoring.csv_parse import BlockParser, Rows
from functions.scoring.csv_rejects import REJECTS_HEADER, rejects_csv
from functions.scoring.duplicates import DriveDays, superseded_lines
from functions.scoring.history import History
from functions.scoring.snapshot import SNAPSHOT_ATTRIBUTES, SnapshotStore, SnapshotWriter
from functions.scoring.summary import Source, Tally, scored_summary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from functions.scoring.scorer import Scorer

THREADS = 2
"""Blocks worked on at once; the cores of a 4 GB Flex Consumption instance."""

MAX_REJECT_SHARE = 0.5
"""Share of rejected lines above which the file as a whole is taken for damaged."""


class Sink(Protocol):
    """Where an output is written: a binary file, or a staged blob."""

    def write(self, data: bytes, /) -> object:
        """Append bytes."""
        ...

    def seek(self, offset: int, /) -> int:
        """Go back to the beginning; 0 is the only offset asked for."""
        ...

    def truncate(self) -> int:
        """Forget what is behind."""
        ...


class _RepeatedDrivesError(Exception):
    """Drives are in the file more than once on a date; ``superseded`` says which lines do not count."""

    def __init__(self, superseded: Mapping[int, int]) -> None:
        super().__init__(superseded)
        self.superseded = superseded


class CsvEngine:
    """Scores telemetry files with one model.

    Parameters
    ----------
    scorer : Scorer
    threads : int
    max_reject_share : float
        See `MAX_REJECT_SHARE`.
    """

    def __init__(
        self, scorer: Scorer, threads: int = THREADS, max_reject_share: float = MAX_REJECT_SHARE
    ) -> None:
        self._scorer = scorer
        self._threads = threads
        self._max_reject_share = max_reject_share
        self._attributes = read_attributes(scorer)

    def score(
        self,
        chunks: Iterable[bytes],
        source: Source,
        scored: Sink,
        rejects: Sink,
        store: SnapshotStore | None,
        tally: Tally,
    ) -> dict[str, Any]:
        """Score one file.

        Parameters
        ----------
        chunks : iterable of bytes
            The file, plain or gzip. Iterated again, from the beginning, when drives are in it more than once.
        source : Source
        scored, rejects : Sink
            Are written to while the file is read; what was written is void when an error is raised.
        store : SnapshotStore or None
            History to join and to add to; None for neither.
        tally : Tally
            Counts are added here as the file is read, so that a failure can say how far it came.

        Returns
        -------
        dict
            The summary.

        Raises
        ------
        TelemetryFileError
            The file as a whole cannot be scored.
        """
        try:
            return self._attempt(chunks, source, scored, rejects, store, tally, superseded={})
        except _RepeatedDrivesError as repeated:
            superseded = repeated.superseded
        for sink in (scored, rejects):
            sink.seek(0)
            sink.truncate()
        tally.reset()
        return self._attempt(chunks, source, scored, rejects, store, tally, superseded=superseded)

    def _attempt(
        self,
        chunks: Iterable[bytes],
        source: Source,
        scored: Sink,
        rejects: Sink,
        store: SnapshotStore | None,
        tally: Tally,
        *,
        superseded: Mapping[int, int],
    ) -> dict[str, Any]:
        parser, blocks = self._parser(line_blocks(inflated(chunks)))
        own = f"{source.name}\n{source.etag}"
        history = writer = None
        if store is not None:
            model = self._scorer.model
            history = History(store, self._scorer.attributes, model.plan.windows, own)
            writer = SnapshotWriter(store, snapshot_name(source.name), own, SNAPSHOT_ATTRIBUTES)
        drive_days = DriveDays()
        scored.write(SCORED_HEADER)
        rejects.write(REJECTS_HEADER)
        try:
            for part in self._in_order(blocks, BlockScorer(self._scorer, parser, history, superseded)):
                scored.write(part.scored)
                rejects.write(rejects_csv(part.rejects))
                tally.add(part.tally)
                drive_days.add(part.rows)
                if writer is not None and len(part.rows.lines):
                    writer.add(part.rows.dates, part.rows.serials, part.counters)
            self._check(tally)
            if not superseded:
                self._refuse_repeated(chunks, drive_days)
        except BaseException:
            if writer is not None:
                writer.abort()
            raise
        written = writer.commit() if writer is not None else []
        used = history.used if history is not None else ()
        return scored_summary(source, tally, self._scorer.model.version, sorted(used), written)

    def _refuse_repeated(self, chunks: Iterable[bytes], drive_days: DriveDays) -> None:
        suspects = drive_days.suspects()
        if not len(suspects):
            return

        def rows_again() -> Iterator[Rows]:
            parser, blocks = self._parser(line_blocks(inflated(chunks)))
            for block in blocks:
                yield parser.parse(block)[0]

        superseded = superseded_lines(rows_again(), suspects)
        if superseded:
            raise _RepeatedDrivesError(superseded)

    def _parser(self, blocks: Iterator[Block]) -> tuple[BlockParser, Iterator[Block]]:
        """Read the header; return the parser it asks for, and the blocks without it."""
        first = next(blocks, None)
        if first is None:
            msg = "The file is empty; a header line and one line a drive are expected."
            raise TelemetryFileError(msg)
        if first.too_long:
            msg = "The first line is longer than 1 MiB; it must be a header of column names."
            raise TelemetryFileError(msg)
        end = first.data.index(b"\n") + 1
        evidence = self._scorer.model.manifest.evidence
        header = read_header(first.data[:end], self._attributes, evidence)
        rest = [Block(2, first.data[end:])] if len(first.data) > end else []
        return BlockParser(header, self._attributes), chain(rest, blocks)

    def _in_order(self, blocks: Iterator[Block], scorer: BlockScorer) -> Iterator[ScoredBlock]:
        """Score blocks side by side; yield them in input order, with a bounded number under way."""
        with ThreadPoolExecutor(self._threads, thread_name_prefix="score") as pool:
            waiting: deque[Future[ScoredBlock]] = deque()
            try:
                for block in blocks:
                    waiting.append(pool.submit(scorer.score, block))
                    if len(waiting) > 2 * self._threads:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

    def _check(self, tally: Tally) -> None:
        tally.check()
        if tally.lines and tally.rejected > self._max_reject_share * tally.lines:
            codes = ", ".join(f"{code}: {count}" for code, count in sorted(tally.rejects.items()))
            msg = (
                f"{tally.rejected} of {tally.lines} lines cannot be scored ({codes}); more than "
                f"{self._max_reject_share:.0%} is taken for a damaged file."
            )
            raise TelemetryFileError(msg)


def snapshot_name(source_name: str) -> str:
    """Return a file's name without ``.csv`` or ``.csv.gz``: what its snapshots are called."""
    for suffix in (".csv.gz", ".csv"):
        if source_name.lower().endswith(suffix):
            return source_name[: -len(suffix)]
    return source_name
