"""The batch engine: telemetry in, CSV or what smartctl prints; scored CSV, rejects and summary out.

Memory is bounded by the block, not the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.scoring.csv.blocks import decompress, inflate, sniff
from functions.scoring.csv.duplicates import NONE, RepeatedSerials
from functions.scoring.engine.file_ledger import EarlierVersionJoinedError, FileLedger, RepeatedSerialsError
from functions.scoring.engine.file_limits import FileLimits, naming_first_reject
from functions.scoring.engine.one_range import Sink, score_range
from functions.scoring.engine.pipeline import THREADS, ScoredBlocks
from functions.scoring.report.tally import MAX_REJECT_SHARE, Source, Tally
from functions.scoring.telemetry import is_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from functions.scoring.csv.parser import Rows
    from functions.scoring.history.snapshots import SnapshotStore
    from functions.scoring.model.scorer import Scorer
    from functions.settings import EscapedOutputs


class CsvEngine:
    """Scores telemetry files with one model.

    Parameters
    ----------
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
        self._json_blocks = ScoredBlocks(scorer, challenger, threads, escaped, json=True)
        self._max_reject_share = max_reject_share

    def score(
        self,
        chunks: Iterable[bytes],
        source: Source,
        scored: Sink,
        rejects: Sink,
        store: SnapshotStore | None,
        tally: Tally,
        repeated: RepeatedSerials | None = None,
    ) -> dict[str, Any]:
        """Score one file; return the summary.

        Parameters
        ----------
        chunks : iterable of bytes
            The file, plain or gzip. Iterated again, from the beginning, when serial numbers are in it more
            than once on a date.
        source : Source
            Its name says whether it is JSON, see `functions.scoring.telemetry.is_json`.
        scored, rejects : Sink
            Are written to while the file is read; what was written is void when an error is raised.
        store : SnapshotStore or None
            History to join and to add to; None for neither.
        tally : Tally
            Counts are added here as the file is read, so that a failure can say how far it came.
        repeated : RepeatedSerials, optional
            Found out when it is not given.

        Raises
        ------
        TelemetryFileError
            The file as a whole cannot be scored.
        """
        json = is_json(source.name)
        blocks = self._json_blocks if json else self._blocks
        manifest = blocks.scorer.model.manifest
        listed = blocks.reject_list(rejects.write)
        try:
            with (
                naming_first_reject(blocks, tally, lambda: decompress(chunks)),
                FileLedger(source, store, compare=repeated is None) as ledger,
            ):
                packed, begun = sniff(chunks)
                used = score_range(
                    blocks,
                    inflate(begun) if packed else begun,
                    scored,
                    listed,
                    ledger.enter,
                    tally,
                    store,
                    limits=FileLimits.of_file(source.bytes, self._max_reject_share, packed=packed, json=json),
                    repeated=repeated or NONE,
                )
                summary = ledger.close(
                    tally, lambda: _rows_again(blocks, chunks), manifest, used, self._max_reject_share
                )
                listed.end(tally.rejects)
                return summary
        except RepeatedSerialsError as error:
            repeated = error.repeated
        except EarlierVersionJoinedError:
            pass  # withdrawn by now
        for sink in (scored, rejects):
            sink.seek(0)
            sink.truncate()
        tally.reset()
        return self.score(chunks, source, scored, rejects, store, tally, repeated)


def _rows_again(blocks: ScoredBlocks, chunks: Iterable[bytes]) -> Iterator[Rows]:
    telemetry = blocks.open(decompress(chunks))
    for block in telemetry.blocks:
        yield telemetry.parser.parse(block)[0]
