"""What a run that failed leaves: a summary that says so, or the wish to be tried again."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from azure.core.exceptions import AzureError

from functions.errors import DrivecastError
from functions.scoring.summary import Source, Tally, failed_summary, summary_json
from functions.storage.errors import SourceChangedError, SourceGoneError
from functions.storage.run_outputs import RunOutputs, is_scored

if TYPE_CHECKING:
    from datetime import datetime

    from azure.storage.blob import BlobServiceClient

    from functions.storage.pinned_blob import PinnedBlob
    from functions.storage.publish import Published, Superseded

_log = logging.getLogger(__name__)


class RunFailedError(DrivecastError):
    """A run failed for a reason that says nothing about the file."""

    code = "run_failed"
    title = "The file could not be scored this time"
    status = 503
    retryable = True


def described(source: PinnedBlob) -> Source:
    """Return the source as summaries name it."""
    return Source(source.name, source.etag, source.size)


def is_fault_of_file(error: DrivecastError) -> bool:
    """Tell a file that cannot be scored from one that moved under the run, and from a fault that can pass."""
    return not error.retryable and not isinstance(error, SourceChangedError | SourceGoneError)


def publish_failure(
    service: BlobServiceClient,
    source: PinnedBlob,
    model_version: str,
    error: DrivecastError,
    tally: Tally | None = None,
    started: datetime | None = None,
) -> Published | Superseded:
    """Publish a summary that says why a file failed as a whole, and nothing else."""
    with RunOutputs.begin(service, source, model_version, started=started) as run:
        summary = failed_summary(described(source), error, model_version, tally or Tally())
        return run.fail(summary_json(summary))


def say_failed(
    service: BlobServiceClient, source: PinnedBlob, model_version: str, error: BaseException
) -> None:
    """Leave a summary of a run that will be tried again, as far as that works.

    The last of five tries cannot be told from the first, so each of them says it; a later one that succeeds
    replaces the summary. A result that is there already stays.
    """
    known = error.detail if isinstance(error, DrivecastError) else f"{type(error).__name__}; the log has more"
    failure = RunFailedError(
        f"{known} It is tried again, five times in all; then its message waits in the poison queue, from "
        "which it can be replayed."
    )
    try:
        if not is_scored(service, source):
            publish_failure(service, source, model_version, failure)
    except (AzureError, DrivecastError) as problem:
        _log.warning("no summary could be left for %s: %s", source.path, problem)
