"""What a run that failed leaves: a summary that says so, or the wish to be tried again."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from azure.core.exceptions import AzureError

from functions.errors import DrivecastError
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

_DIED = (
    "the process died before it could say why: most likely it ran out of memory, or took longer than "
    "functionTimeout in host.json allows. Its message waits in the poison queue then. Look into the log "
    "(python -m ops logs), give the instances more memory or split the file, and replay it (python -m ops "
    "poison replay)."
)

_GOES_ON = (
    "It is tried again, five times over ten minutes; then its message waits in the poison queue, from which "
    "it can be replayed."
)
_GIVEN_UP = (
    "This was the last of five tries over ten minutes; its message waits in the poison queue, from which it "
    "can be replayed (python -m ops poison replay)."
)

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
        summary = failed_summary(to_source(source), error, model_version, tally or Tally())
        return run.fail(summary_json(summary))


def say_failed(
    service: BlobServiceClient,
    source: PinnedBlob,
    model_version: str,
    error: BaseException,
    *,
    last_try: bool = False,
) -> None:
    """Leave a summary of a try that failed, as far as that works; it says whether others follow.

    A later one that succeeds replaces the summary. A result that is there already stays.
    """
    known = (
        error.detail if isinstance(error, DrivecastError) else f"{type(error).__name__}; the log has more."
    )
    _leave(service, source, model_version, f"{known} {_GIVEN_UP if last_try else _GOES_ON}")


def say_last_try(service: BlobServiceClient, source: PinnedBlob, model_version: str) -> None:
    """Leave a summary before the last try begins, as far as that works: who dies in it can say nothing."""
    _leave(
        service,
        source,
        model_version,
        "The last of five tries has begun, after four without a result. If it succeeds, the result replaces "
        f"this summary. If this summary stays, {_DIED}",
    )


def say_tries_died(service: BlobServiceClient, source: PinnedBlob, model_version: str, count: int) -> None:
    """Leave a summary before another try of a whole file begins, as far as that works.

    Parameters
    ----------
    service : BlobServiceClient
    source : PinnedBlob
    model_version : str
    count : int
        Tries that died, as far as can be told; see `functions.batch.attempts`.
    """
    tries = "An earlier try" if count == 1 else f"{count} earlier tries"
    _leave(
        service,
        source,
        model_version,
        f"{tries} of this file ended without a word; another one has begun, of five in all. If one succeeds, "
        f"the result replaces this summary. If this summary stays, {_DIED}",
    )


def _leave(service: BlobServiceClient, source: PinnedBlob, model_version: str, detail: str) -> None:
    """Leave a summary that says failed, as far as that works, unless the file has been scored."""
    try:
        if not is_scored(service, source):
            publish_failure(service, source, model_version, RunFailedError(detail))
    except (AzureError, DrivecastError) as problem:
        _log.warning("no summary could be left for %s: %s", source.path, problem)
