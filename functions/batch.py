"""Blueprint of the batch function: a telemetry CSV dropped into storage is scored.

At least once is what the platform promises: the same blob may be delivered again, after a crash or for no
reason. The source is read at one pinned ETag, outputs are assembled apart and published on the condition that
the source is still the newest, so every step may run twice.
"""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING, Any

import azure.functions as func
from azurefunctions.extensions.bindings import blob

from functions.errors import DrivecastError
from functions.serving import scorer
from functions.settings import BLOB_TRIGGER_SOURCE, settings, value_of

if TYPE_CHECKING:
    from functions.scoring.scorer import Scorer
    from functions.storage.pinned_blob import PinnedBlob

blueprint = func.Blueprint()  # type: ignore[no-untyped-call]

CONNECTION = "AzureWebJobsStorage"
"""The one storage account; blobs, queues and the host's own state are in it."""

TRIGGER_SOURCE = value_of(BLOB_TRIGGER_SOURCE, os.environ)
"""A part of the binding, so it is read when the app is indexed."""

SCORED_ENDINGS = (".csv", ".csv.gz")
"""Blobs of other names are left alone."""

_log = logging.getLogger(__name__)


@blueprint.function_name("score_telemetry")
@blueprint.blob_trigger(
    arg_name="client", path="telemetry/{name}", connection=CONNECTION, source=func.BlobSource(TRIGGER_SOURCE)
)
def score_telemetry(client: blob.BlobClient) -> None:
    """Score one telemetry file from the container telemetry into the container predictions."""
    from functions.storage import containers
    from functions.storage.accounts import blob_service
    from functions.storage.errors import SourceChangedError, SourceGoneError
    from functions.storage.pinned_blob import PinnedBlob
    from functions.storage.run_outputs import already_done

    service = blob_service(CONNECTION)
    if not client.blob_name.lower().endswith(SCORED_ENDINGS):
        _log.info("%s is left alone: it is no .csv or .csv.gz", client.blob_name)
        return
    started = time.monotonic()
    scoring = scorer()
    version = scoring.model.version
    try:
        # The trigger's client retries as its defaults say; ours has the app's own policy.
        source = PinnedBlob.open(service.get_blob_client(client.container_name, client.blob_name))
        containers.ensure(service)
        if already_done(service, source, version):
            _log.info("%s %s has been scored by %s already", source.path, source.etag, version)
            return
        outcome = _run(service, source, scoring)
    except (SourceChangedError, SourceGoneError) as error:
        _log.info("stopped: %s", error.detail)
        return
    _log.info("%s %s: %s in %.2f s", source.path, source.etag, outcome, time.monotonic() - started)


def _run(service: Any, source: PinnedBlob, scoring: Scorer) -> str:
    """Score a pinned blob and publish its outputs; return what happened, for the log."""
    from functions.scoring.csv_engine import CsvEngine
    from functions.scoring.csv_lines import Chunks
    from functions.scoring.summary import Source, Tally, failed_summary, summary_json
    from functions.storage.publish import Superseded
    from functions.storage.run_outputs import RunOutputs
    from functions.storage.snapshots import BlobSnapshotStore

    chosen = settings()
    version = scoring.model.version
    engine = CsvEngine(scoring, chosen.score_threads, chosen.max_reject_share)
    described = Source(source.name, source.etag, source.size)
    tally = Tally()
    with RunOutputs.begin(service, source, version) as run:
        try:
            summary = engine.score(
                Chunks(lambda: source.chunks(chosen.download_chunk_bytes)),
                described,
                run.scored,
                run.rejects,
                BlobSnapshotStore(service, source, version),
                tally,
            )
        except DrivecastError as error:
            if error.retryable or not _is_fault_of_file(error):
                raise
            result = run.fail(summary_json(failed_summary(described, error, version, tally)))
            outcome = f"failed: {error.detail}"
        else:
            result = run.publish(summary_json(summary))
            outcome = f"{tally.accepted} scored, {tally.rejected} rejected"
    return f"superseded ({result.reason})" if isinstance(result, Superseded) else outcome


def _is_fault_of_file(error: DrivecastError) -> bool:
    """Tell a file that cannot be scored, which gets a failed summary, from one that moved under the run."""
    from functions.storage.errors import SourceChangedError, SourceGoneError

    return not isinstance(error, SourceChangedError | SourceGoneError)
