"""The batch engine: CSV bytes in; scored CSV, rejects and summary out.

Memory is bounded by the block, not the file.

Blocks are parsed, scored, explained and rendered on a few threads (the parser, the model and numpy let go of
the interpreter's lock) and written in input order.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from functions.errors import TelemetryFileError
from functions.scoring.csv_header import read_header
from functions.scoring.csv_lines import Block, inflated, line_blocks
from functions.scoring.csv_output import SCORED_HEADER, scored_csv
from functions.scoring.csv_parse import BlockParser, Rows
from functions.scoring.csv_rejects import REJECTS_HEADER, Reject, rejects_csv
from functions.scoring.history import History
from functions.scoring.risk import EXPLAINED_FROM, UNKNOWN
from functions.scoring.scorer import Observations, Scorer
from functions.scoring.smart import decode, vendor_of
from functions.scoring.snapshot import SNAPSHOT_ATTRIBUTES, SnapshotStore, SnapshotWriter
from functions.scoring.summary import Source, Tally, scored_summary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from numpy.typing import NDArray

THREADS = 2
"""Blocks worked on at once; the cores of a 4 GB Flex Consumption instance."""

MAX_REJECT_SHARE = 0.5
"""Share of rejected lines above which the file as a whole is taken for damaged."""


class Sink(Protocol):
    """Where an output is written."""

    def write(self, data: bytes, /) -> object:
        """Append bytes."""
        ...


@dataclass(frozen=True, slots=True)
class _Scored:
    rows: Rows
    counters: NDArray[np.float64]
    scored: bytes
    rejects: list[Reject]
    tally: Tally


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
        self._attributes = tuple(sorted({*scorer.attributes, *SNAPSHOT_ATTRIBUTES}))
        place = {attribute: column for column, attribute in enumerate(self._attributes)}
        self._model_columns = np.array([place[a] for a in scorer.attributes], dtype=np.intp)
        self._snapshot_columns = np.array([place[a] for a in SNAPSHOT_ATTRIBUTES], dtype=np.intp)

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
            The file, plain or gzip.
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
        blocks = line_blocks(inflated(chunks))
        parser, blocks = self._parser(blocks)
        own = f"{source.name}\n{source.etag}"
        history = writer = None
        if store is not None:
            model = self._scorer.model
            history = History(store, self._scorer.attributes, model.plan.windows, own)
            writer = SnapshotWriter(store, snapshot_name(source.name), own, SNAPSHOT_ATTRIBUTES)
        scored.write(SCORED_HEADER)
        rejects.write(REJECTS_HEADER)
        try:
            for part in self._in_order(blocks, parser, history):
                scored.write(part.scored)
                rejects.write(rejects_csv(part.rejects))
                tally.add(part.tally)
                if writer is not None and len(part.rows.lines):
                    writer.add(part.rows.dates, part.rows.serials, part.counters)
            self._check(tally)
        except BaseException:
            if writer is not None:
                writer.abort()
            raise
        written = writer.commit() if writer is not None else []
        used = history.used if history is not None else ()
        return scored_summary(source, tally, self._scorer.model.version, sorted(used), written)

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

    def _in_order(
        self, blocks: Iterator[Block], parser: BlockParser, history: History | None
    ) -> Iterator[_Scored]:
        """Score blocks side by side; yield them in input order, with a bounded number under way."""
        with ThreadPoolExecutor(self._threads, thread_name_prefix="score") as pool:
            waiting: deque[Future[_Scored]] = deque()
            try:
                for block in blocks:
                    waiting.append(pool.submit(self._score_block, block, parser, history))
                    if len(waiting) > 2 * self._threads:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

    def _score_block(self, block: Block, parser: BlockParser, history: History | None) -> _Scored:
        rows, rejects = parser.parse(block)
        decoded = decode(rows.raw, self._attributes, seagate_rows(rows.models))
        earlier, ages = history.join(rows.dates, rows.serials) if history is not None else ({}, {})
        seen = Observations(decoded[:, self._model_columns], earlier, ages)
        scores = self._scorer.score(seen)
        explained = np.flatnonzero((scores.risk >= EXPLAINED_FROM) & (scores.risk != UNKNOWN))
        found = self._scorer.reasons(seen, scores, explained)
        reasons = dict(zip(explained.tolist(), found, strict=True))
        return _Scored(
            rows,
            decoded[:, self._snapshot_columns],
            scored_csv(rows, scores, reasons, self._scorer.model.version),
            rejects,
            Tally.of_block(rows, scores, reasons, rejects),
        )

    def _check(self, tally: Tally) -> None:
        tally.check()
        if tally.lines and tally.rejected > self._max_reject_share * tally.lines:
            codes = ", ".join(f"{code}: {count}" for code, count in sorted(tally.rejects.items()))
            msg = (
                f"{tally.rejected} of {tally.lines} lines cannot be scored ({codes}); more than "
                f"{self._max_reject_share:.0%} is taken for a damaged file."
            )
            raise TelemetryFileError(msg)


def seagate_rows(models: pa.StringArray) -> NDArray[np.bool_]:
    """Return which rows are Seagate drives, asking once for each distinct model."""
    encoded = pc.dictionary_encode(models)
    if not len(encoded.dictionary):
        return np.zeros(len(models), dtype=bool)
    seagate = np.array([vendor_of(name) == "seagate" for name in encoded.dictionary.to_pylist()])
    rows: NDArray[np.bool_] = seagate[encoded.indices.to_numpy()]
    return rows


def snapshot_name(source_name: str) -> str:
    """Return a file's name without ``.csv`` or ``.csv.gz``: what its snapshots are called."""
    for suffix in (".csv.gz", ".csv"):
        if source_name.lower().endswith(suffix):
            return source_name[: -len(suffix)]
    return source_name
