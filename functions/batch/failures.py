"""The end of a run that failed: a summary that says so, or the wish to be tried again."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from azure.core.exceptions import AzureError

from functions.errors import DrivecastError, ModelError, SettingError
from functions.scoring.report.summary import failed_summary, summary_json
from functions.scoring.report.tally import Source, Tally
from functions.storage.errors import SourceChangedError, SourceGoneError
from functions.storage.published import is_scored
from functions.storage.run_outputs import RunOutputs

if TYPE_CHECKING:
    from datetime import datetime

    from azure.storage.blob import BlobServiceClient

    from functions.storage.pinned_blob import PinnedBlob
    from functions.storage.publish import Published, Superseded

TRIED_AGAIN = (
    "It is tried again, over ten minutes at least; if that is in vain it is given up, and can be replayed."
)

UNKNOWN = "unknown"
"""The model version of a file of which no try came far enough to say one."""

_NOT_OF_FILE = (SourceChangedError, SourceGoneError, ModelError, SettingError)

_log = logging.getLogger(__name__)


class RunFailedError(DrivecastError):
    """A run failed for a reason that says nothing about the file."""

    code = "run_failed"
    title = "The file could not be scored this time"
    status = 503
    retryable = True


def to_source(source: PinnedBlob) -> Source:
    """Return the source as summaries name it."""
    return Source(source.name, source.etag, source.size)


def is_fault_of_file(error: DrivecastError) -> bool:
    """Tell a file that cannot be scored from one that moved under the run, and from a fault elsewhere.

    A model or a setting is mended by hand, so it is not retryable over HTTP; the file is scored afterwards.
    """
    return not error.retryable and not isinstance(error, _NOT_OF_FILE)


def publish_failure(
    service: BlobServiceClient,
    source: PinnedBlob,
    model_version: str,
    error: DrivecastError,
    started: datetime | None = None,
) -> Published | Superseded:
    """Publish a summary that says why a file failed as a whole, and nothing else."""
    with RunOutputs.begin(service, source, model_version, started=started) as run:
        summary = failed_summary(to_source(source), error, model_version, Tally())
        return run.fail(summary_json(summary), refused=is_fault_of_file(error))


def say_failed(
    service: BlobServiceClient, source: PinnedBlob, model_version: str, error: BaseException
) -> None:
    """Leave a summary of a try that failed, as far as that works, unless the file has been scored.

    A later one that succeeds replaces the summary.
    """
    known = (
        error.detail if isinstance(error, DrivecastError) else f"{type(error).__name__}; the log has more."
    )
    try:
        if not is_scored(service, source):
            publish_failure(service, source, model_version, RunFailedError(f"{known} {TRIED_AGAIN}"))
    except (AzureError, DrivecastError) as problem:
        _log.warning("no summary could be left for %s: %s", source.path, problem)
