"""A file scored in one piece."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from functions.batch.failures import to_source
from functions.batch.progress import follow
from functions.batch.result import publish_result
from functions.scoring.csv.blocks import Chunks
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.report.tally import Tally
from functions.settings import settings
from functions.storage.errors import SnapshotReplacedError
from functions.storage.history_store import BlobSnapshotStore
from functions.storage.run_outputs import RunOutputs

if TYPE_CHECKING:
    from azure.storage.blob import BlobServiceClient

    from functions.batch.run_models import Models
    from functions.storage.pinned_blob import PinnedBlob


JOIN_ATTEMPTS = 3
"""A file whose history is replaced while it is joined is scored again at once; it seldom happens twice."""


def score_whole(service: BlobServiceClient, source: PinnedBlob, models: Models) -> str:
    """Score a pinned blob and publish its outputs; return what happened, for the log.

    Raises
    ------
    DrivecastError
        What may pass, and what says that the file has changed. A fault of the file is published, not raised.
    """
    for _ in range(JOIN_ATTEMPTS - 1):
        with suppress(SnapshotReplacedError):
            return _score(service, source, models)
    return _score(service, source, models)


def _score(service: BlobServiceClient, source: PinnedBlob, models: Models) -> str:
    chosen = settings()
    engine = CsvEngine(
        models.champion,
        chosen.score_threads,
        chosen.max_reject_share,
        models.challenger,
        chosen.escape_formulas,
    )
    tally = Tally()
    store = BlobSnapshotStore(service, source, models.version)
    chunks = Chunks(lambda: follow(service, source, tally, source.chunks(chosen.download_chunk_bytes)))
    with RunOutputs.begin(service, source, models.version) as run:
        return publish_result(
            run,
            models.champion.model.manifest,
            tally,
            lambda: engine.score(chunks, to_source(source), run.scored, run.rejects, store, tally),
        )
