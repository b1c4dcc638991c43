"""The batch engine: CSV bytes in; scored CSV, rejects and summary out.

Memory is bounded by the block, not the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from functions.scoring.csv.blocks import inflated
from functions.scoring.csv.duplicates import NONE, DriveDays, Superseded, superseded_lines
from functions.scoring.csv.rejects import REJECTS_HEADER, rejects_csv
from functions.scoring.csv.scored_rows import SCORED_HEADER
from functions.scoring.engine.pipeline import THREADS, ScoredBlocks
from functions.scoring.history.snapshots import SnapshotStore, SnapshotWriter, source_id
from functions.scoring.report.summary import scored_summary
from functions.scoring.report.tally import MAX_REJECT_SHARE, Source, Tally, refuse_damaged
from functions.scoring.shadow.tally import ShadowTally
from functions.scoring.telemetry import file_stem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from functions.scoring.csv.parser import Rows
    from functions.scoring.model.scorer import Scorer


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

    def __init__(self, superseded: Superseded) -> None:
        super().__init__(superseded)
        self.superseded = superseded


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
    """

    def __init__(
        self,
        scorer: Scorer,
        threads: int = THREADS,
        max_reject_share: float = MAX_REJECT_SHARE,
        challenger: Scorer | None = None,
    ) -> None:
        self._blocks = ScoredBlocks(scorer, challenger, threads)
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
            return self._attempt(chunks, source, scored, rejects, store, tally, superseded=NONE)
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
        superseded: Superseded,
    ) -> dict[str, Any]:
        blocks = self._blocks
        telemetry = blocks.open(inflated(chunks))
        history = blocks.history(store)
        writer = None
        if store is not None:
            writer = SnapshotWriter(store, file_stem(source.name), source_id(source.name, source.etag))
        if blocks.challenger is not None:
            tally.shadow = ShadowTally(blocks.challenger.model.version)
        scored.write(SCORED_HEADER)
        rejects.write(REJECTS_HEADER)
        try:
            with DriveDays() as drive_days:
                for part in blocks.score(telemetry, history, store, superseded):
                    scored.write(part.scored)
                    rejects.write(rejects_csv(part.rejects))
                    tally.add(part.tally)
                    drive_days.add(part.rows)
                    if writer is not None and len(part.rows.lines):
                        writer.add(part.rows.dates, part.kept)
                refuse_damaged(tally, self._max_reject_share)
                if not len(superseded):
                    self._refuse_repeated(chunks, drive_days)
        except BaseException:
            if writer is not None:
                writer.abort()
            raise
        written = writer.commit() if writer is not None else []
        used = history.used if history is not None else ()
        return scored_summary(source, tally, blocks.scorer.model.manifest, sorted(used), written)

    def _refuse_repeated(self, chunks: Iterable[bytes], drive_days: DriveDays) -> None:
        suspects = drive_days.suspects()
        if not len(suspects):
            return

        def rows_again() -> Iterator[Rows]:
            telemetry = self._blocks.open(inflated(chunks))
            for block in telemetry.blocks:
                yield telemetry.parser.parse(block)[0]

        superseded = superseded_lines(rows_again(), suspects)
        if len(superseded):
            raise _RepeatedDrivesError(superseded)
