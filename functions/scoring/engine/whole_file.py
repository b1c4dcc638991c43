"""The batch engine: CSV bytes in; scored CSV, rejects and summary out.

Memory is bounded by the block, not the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from functions.scoring.csv.blocks import decompress
from functions.scoring.csv.duplicates import NONE, DuplicateFinder, DuplicateLines, duplicate_lines
from functions.scoring.csv.rejects import REJECTS_HEADER, rejects_csv
from functions.scoring.csv.scored_rows import SCORED_HEADER
from functions.scoring.engine.pipeline import THREADS, ScoredBlocks
from functions.scoring.history.snapshots import SnapshotStore, SnapshotWriter
from functions.scoring.report.summary import scored_summary
from functions.scoring.report.tally import MAX_REJECT_SHARE, Source, Tally, refuse_damaged
from functions.scoring.shadow.tally import ShadowTally
from functions.scoring.telemetry import file_stem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from functions.scoring.csv.parser import Rows
    from functions.scoring.model.scorer import Scorer
    from functions.settings import EscapedOutputs


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
    """Drives are in the file more than once on a date; ``duplicates`` says which lines do not count."""

    def __init__(self, duplicates: DuplicateLines) -> None:
        super().__init__(duplicates)
        self.duplicates = duplicates


class CsvEngine:
    """Scores telemetry files with one model.

    Parameters
    ----------
    scorer : Scorer
    threads : int
    max_reject_share : float
        See `functions.scoring.report.tally`.
    challenger : Scorer or None
        Scores the same rows in the shadow: the summary compares the two, and nothing else changes.
    escaped : {"none", "rejects", "all"}
        See `functions.scoring.engine.pipeline.ScoredBlocks`.
    """

    def __init__(
        self,
        scorer: Scorer,
        threads: int = THREADS,
        max_reject_share: float = MAX_REJECT_SHARE,
        challenger: Scorer | None = None,
        escaped: EscapedOutputs = "rejects",
    ) -> None:
        self._blocks = ScoredBlocks(scorer, challenger, threads, escaped)
        self._max_reject_share = max_reject_share

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
            return self._attempt(chunks, source, scored, rejects, store, tally, duplicates=NONE)
        except _RepeatedDrivesError as repeated:
            duplicates = repeated.duplicates
        for sink in (scored, rejects):
            sink.seek(0)
            sink.truncate()
        tally.reset()
        return self._attempt(chunks, source, scored, rejects, store, tally, duplicates=duplicates)

    def _attempt(
        self,
        chunks: Iterable[bytes],
        source: Source,
        scored: Sink,
        rejects: Sink,
        store: SnapshotStore | None,
        tally: Tally,
        *,
        duplicates: DuplicateLines,
    ) -> dict[str, Any]:
        blocks = self._blocks
        telemetry = blocks.open(decompress(chunks))
        own = f"{source.name}\n{source.etag}"
        history = blocks.history(store, own)
        writer = None
        if store is not None:
            writer = SnapshotWriter(store, file_stem(source.name), own)
        if blocks.challenger is not None:
            tally.shadow = ShadowTally(blocks.challenger.model.version)
        scored.write(SCORED_HEADER)
        rejects.write(REJECTS_HEADER)
        try:
            with DuplicateFinder() as finder:
                for part in blocks.score(telemetry, history, store, own, duplicates):
                    scored.write(part.scored)
                    rejects.write(rejects_csv(part.rejects))
                    tally.add(part.tally)
                    finder.add(part.rows)
                    if writer is not None and len(part.rows.lines):
                        writer.add(part.rows.dates, part.kept)
                refuse_damaged(tally, self._max_reject_share)
                if not len(duplicates):
                    self._refuse_repeated(chunks, finder)
        except BaseException:
            if writer is not None:
                writer.abort()
            raise
        written = writer.commit() if writer is not None else []
        used = history.used if history is not None else ()
        return scored_summary(source, tally, blocks.scorer.model.manifest, sorted(used), written)

    def _refuse_repeated(self, chunks: Iterable[bytes], finder: DuplicateFinder) -> None:
        suspects = finder.suspects()
        if not len(suspects):
            return

        def rows_again() -> Iterator[Rows]:
            telemetry = self._blocks.open(decompress(chunks))
            for block in telemetry.blocks:
                yield telemetry.parser.parse(block)[0]

        duplicates = duplicate_lines(rows_again(), suspects)
        if len(duplicates):
            raise _RepeatedDrivesError(duplicates)
