"""A file scored in one piece."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from functions.batch.failures import is_fault_of_file, to_source
from functions.batch.progress import WholeFileProgress
from functions.errors import DrivecastError
from functions.scoring.csv.blocks import Chunks
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.report.drift import drift_line
from functions.scoring.report.page.render import report_page
from functions.scoring.report.summary import failed_summary, summary_json
from functions.scoring.report.tally import Tally
from functions.settings import settings
from functions.storage.history_store import BlobSnapshotStore
from functions.storage.output_names import HTML, REPORT
from functions.storage.publish import Superseded
from functions.storage.run_outputs import RunOutputs

if TYPE_CHECKING:
    from azure.storage.blob import BlobServiceClient

    from functions.batch.run_models import Models
    from functions.storage.pinned_blob import PinnedBlob

_log = logging.getLogger(__name__)


def score_whole(service: BlobServiceClient, source: PinnedBlob, models: Models) -> str:
    """Score a pinned blob and publish its outputs; return what happened, for the log.

    Raises
    ------
    DrivecastError
        What may pass, and what says that the file has changed. A fault of the file is published, not raised.
    """
    chosen = settings()
    engine = CsvEngine(
        models.champion,
        chosen.score_threads,
        chosen.max_reject_share,
        models.challenger,
        chosen.escape_formulas,
    )
    tally = Tally()
    progress = WholeFileProgress(service, source, tally)
    drifted: str | None = None
    with RunOutputs.begin(service, source, models.version) as run:
        try:
            summary = engine.score(
                Chunks(lambda: progress.follow(source.chunks(chosen.download_chunk_bytes))),
                to_source(source),
                run.scored,
                run.rejects,
                BlobSnapshotStore(service, source, models.version),
                tally,
            )
        except DrivecastError as error:
            if not is_fault_of_file(error):
                raise
            result = run.fail(summary_json(failed_summary(to_source(source), error, models.version, tally)))
            outcome = f"failed: {error.detail}"
            progress.give_up()
        else:
            page = report_page(to_source(source), tally, summary, models.champion.model.manifest)
            run.writer(REPORT, HTML).write(page)
            result = run.publish(summary_json(summary))
            drifted = drift_line(source.path, summary)
            outcome = f"{tally.accepted} scored, {tally.rejected} rejected"
            progress.finish()
    if isinstance(result, Superseded):
        return f"superseded ({result.reason})"
    if drifted is not None:
        _log.warning("%s", drifted)
    return outcome
