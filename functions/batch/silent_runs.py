"""Runs that fell silent: their files are announced again, and given up in the end.

A range's message can be lost, and so can its record: a worker took it and died without a note, somebody
cleared the queue, a blob of `runs` was deleted. No other range finds that. So a timer looks at the progress
of all runs. Announcing a file once too often does no harm: ranges that are done are not scored again, and one
that waits its turn finds what it would have scored. Ages are told by the clock of storage alone, which dates
the blobs: the worker's may be wrong.

Nobody takes away the progress of a run that ends; it is deleted here, so the next look lists less.
"""

from __future__ import annotations

import contextlib
import logging
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import msgspec
from azure.core.exceptions import AzureError, ResourceNotFoundError

from functions.batch.event_message import announcement
from functions.batch.give_up import find_unfinished, give_up
from functions.batch.progress import Progress
from functions.errors import NO_JSON, DrivecastError
from functions.storage import containers
from functions.storage.errors import SourcePathError
from functions.storage.given_up import is_kept
from functions.storage.output_names import PROGRESS, announced_name, refuse_unreachable_name

if TYPE_CHECKING:
    from typing import Any

    from azure.core.pipeline import PipelineResponse
    from azure.storage.blob import BlobClient, BlobProperties, BlobServiceClient

SILENCE = timedelta(minutes=10)
"""After which nobody is at work on a run: a range takes seconds, and five tries of one fail sooner."""

TURN = timedelta(hours=1)
"""The same while other runs are at work: it may wait its turn behind them."""

MOST_ANNOUNCEMENTS = 5
"""Of one version of a file, before it is given up."""

_LOST = (
    f"Its run fell silent {MOST_ANNOUNCEMENTS + 1} times without a result: whoever took it died without a "
    "note, or its messages or what its ranges had left were deleted. The log has more (python -m ops logs)."
)

_log = logging.getLogger(__name__)


def date_of(answer: PipelineResponse[Any, Any]) -> datetime:
    """Return when storage gave an answer, UTC."""
    return parsedate_to_datetime(answer.http_response.headers["Date"])


def revive_runs(service: BlobServiceClient, poison_queue: str) -> list[str]:
    """Return announcements of the files whose runs have been silent for long, as for a queue of events.

    A file that was announced `MOST_ANNOUNCEMENTS` times is given up, as if by *poison_queue*. One whose
    storage fails meanwhile is left to the next look.
    """
    runs = service.get_container_client(containers.RUNS)
    dates: list[datetime] = []
    try:
        found = list(
            runs.list_blobs(
                name_starts_with=PROGRESS, raw_response_hook=lambda answer: dates.append(date_of(answer))
            )
        )
    except ResourceNotFoundError:
        return []
    now = dates[-1]
    announced = []
    for blob in silent(found, now):
        try:
            again = _revive(service, blob, now, poison_queue)
        except (AzureError, DrivecastError) as error:
            _log.warning("%s is looked at again later: %s", blob.name, error)
            continue
        if again is not None:
            announced.append(again)
    return announced


def silent(progress: list[BlobProperties], now: datetime) -> list[BlobProperties]:
    """Return which runs were silent for so long that nobody is at work on them."""
    busy = any(now - blob.last_modified < SILENCE for blob in progress)
    return [blob for blob in progress if now - blob.last_modified >= (TURN if busy else SILENCE)]


def _revive(service: BlobServiceClient, blob: BlobProperties, now: datetime, queue: str) -> str | None:
    progress = service.get_blob_client(containers.RUNS, blob.name)
    try:
        run = msgspec.json.decode(progress.download_blob().readall(), type=Progress)
        refuse_unreachable_name(run.source_name)
    except ResourceNotFoundError:
        return None
    except (*NO_JSON, SourcePathError) as error:
        _log.error("%s tells of no run and is deleted: %s", blob.name, error)
        _delete(progress)
        return None
    etag = run.source_etag.strip('"')
    counter = service.get_blob_client(containers.RUNS, announced_name(run.source_name, etag))
    ended = isinstance(find_unfinished(service, run.source_name, etag), str)
    if ended or is_kept(service, run.source_name, etag):
        _delete(progress, counter)
        return None
    count, since = _announcements(counter)
    if since is not None and now - since < SILENCE:
        return None
    again = announcement(containers.TELEMETRY, run.source_name, etag)
    if count >= MOST_ANNOUNCEMENTS:
        give_up(service, queue, "", again.encode(), _LOST)
        _delete(progress, counter)
        return None
    counter.upload_blob(b"%d" % (count + 1), overwrite=True)
    _log.warning(
        "%s is announced again (%d of %d): its run was silent for %d minutes",
        run.source_name,
        count + 1,
        MOST_ANNOUNCEMENTS,
        (now - blob.last_modified) // timedelta(minutes=1),
    )
    return again


def _announcements(counter: BlobClient) -> tuple[int, datetime | None]:
    """Return how often a file was announced again, and when last."""
    try:
        found = counter.download_blob()
        text = found.readall()
    except ResourceNotFoundError:
        return 0, None
    # Damaged, it counts as full: better given up than announced for ever.
    return int(text) if text.isdigit() else MOST_ANNOUNCEMENTS, found.properties.last_modified


def _delete(*blobs: BlobClient) -> None:
    for blob in blobs:
        with contextlib.suppress(AzureError):
            blob.delete_blob()
