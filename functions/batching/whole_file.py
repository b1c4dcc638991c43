"""A file scored in one piece."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.batching.failures import described, is_fault_of_file
from functions.errors import DrivecastError
from functions.scoring.csv_engine import CsvEngine
from functions.scoring.csv_lines import Chunks
from functions.scoring.summary import Tally, failed_summary, summary_json
from functions.settings import settings
from functions.storage.publish import Superseded
from functions.storage.run_outputs import RunOutputs
from functions.storage.snapshots import BlobSnapshotStore

if TYPE_CHECKING:
    from azure.storage.blob import BlobServiceClient

    from functions.batching.models_of_run import Models
    from functions.storage.pinned_blob import PinnedBlob


def score_whole(service: BlobServiceClient, source: PinnedBlob, models: Models) -> str:
    """Score a pinned blob and publish its outputs; return what happened, for the log.

    Raises
    ------
    DrivecastError
        What may pass, and what says that the file has changed. A fault of the file is published, not raised.
    """
    chosen = settings()
    engine = CsvEngine(models.champion, chosen.score_threads, chosen.max_reject_share, models.challenger)
    tally = Tally()
    with RunOutputs.begin(service, source, models.version) as run:
        try:
            summary = engine.score(
                Chunks(lambda: source.chunks(chosen.download_chunk_bytes)),
                described(source),
                run.scored,
                run.rejects,
                BlobSnapshotStore(service, source, models.version),
                tally,
            )
        except DrivecastError as error:
            if not is_fault_of_file(error):
                raise
            result = run.fail(summary_json(failed_summary(described(source), error, models.version, tally)))
            outcome = f"failed: {error.detail}"
        else:
            result = run.publish(summary_json(summary))
            outcome = f"{tally.accepted} scored, {tally.rejected} rejected"
    return f"superseded ({result.reason})" if isinstance(result, Superseded) else outcome
