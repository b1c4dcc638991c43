"""A file that no try could score is given up: a record keeps what replay needs, a summary says why.

The host moves a message that failed five times into the poison queue beside its own. A poison queue has none:
a message whose function fails there comes again after ten minutes, and is left alone after five tries
(`QueueProcessor` and `QueueListenerFactory` of the WebJobs SDK). So the record comes first, under a name that
nothing in the message can spoil, and all that follows is done as far as it works.
"""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from azure.core.exceptions import AzureError

from functions.batch.event_message import WrittenBlob, announcement, written_blob
from functions.batch.failures import TRIED_AGAIN, UNKNOWN, RunFailedError, publish_failure
from functions.batch.range_message import RangeMessage
from functions.errors import NO_JSON, DrivecastError
from functions.storage import containers
from functions.storage.errors import SourceGoneError, SourceNameTooLongError
from functions.storage.given_up import GivenUp, keep
from functions.storage.output_names import is_reachable, refuse_long_name
from functions.storage.pinned_blob import PinnedBlob
from functions.storage.publish import Superseded
from functions.storage.published import FailedSummary, failure_of, is_scored

if TYPE_CHECKING:
    from azure.storage.blob import BlobServiceClient

_DIED = (
    "No try could say why: the process died, or storage refused what it wrote. Most likely it ran out of "
    "memory, or took longer than functionTimeout in host.json allows: give the instances more memory or "
    "split the file. The log has more (python -m ops logs)."
)
_GIVEN_UP = "The file was given up; when the cause is gone, replay it (python -m ops poison replay)."

_log = logging.getLogger(__name__)


class _BlobMessage(msgspec.Struct, rename="pascal"):
    """The host's message about a blob; fields not named here are left alone."""

    container_name: str
    blob_name: str
    etag: str | None = msgspec.field(default=None, name="ETag")


def failed_file(body: bytes) -> WrittenBlob | None:
    """Read a message of the blob trigger, a range's or an event's; None if it names no telemetry file."""
    for read in (_file_of_range, written_blob, _file_of_blob):
        with contextlib.suppress(DrivecastError, *NO_JSON):
            found = read(body)
            if isinstance(found, str) or found.container != containers.TELEMETRY:
                return None
            etag = found.etag.strip('"')
            return msgspec.structs.replace(found, etag=etag) if is_reachable(found.name) else None
    return None


def _file_of_range(body: bytes) -> WrittenBlob:
    task = RangeMessage.decode(body)
    return WrittenBlob(containers.TELEMETRY, task.name, task.etag)


def _file_of_blob(body: bytes) -> WrittenBlob:
    message = msgspec.json.decode(body, type=_BlobMessage)
    return WrittenBlob(message.container_name, message.blob_name, message.etag or "")


def spaced_try(body: bytes) -> str | None:
    """Return the announcement that has a blob's file tried again, minutes apart; None if no time mends it.

    The host tries a blob five times within seconds, whatever host.json says; a role that has not arrived
    yet, or a model that is away, takes longer. The announcement's own poison message is given up.
    """
    file = failed_file(body)
    with contextlib.suppress(SourceNameTooLongError):
        if file is not None:
            refuse_long_name(file.name)
            return announcement(file.container, file.name, file.etag)
    return None


def give_up(service: BlobServiceClient, queue: str, message_id: str, body: bytes, cause: str = _DIED) -> None:
    """Keep a record of a poison message, and leave a summary of its file, unless that has moved on.

    Parameters
    ----------
    cause : str
        For the summary, unless a try has left one that says more.

    Raises
    ------
    AzureError, ContainerMissingError
        The record could not be written.
    """
    file = failed_file(body)
    record = GivenUp(queue, body.decode(errors="replace"))
    if file is None:
        keep(service, record, message_id)
        _log.error("message %s of %s was given up: it names no telemetry file", message_id, queue)
        return
    record = msgspec.structs.replace(record, name=file.name, etag=file.etag)
    kept = keep(service, record, message_id)
    try:
        if moved_on := _fail(service, file, cause):
            kept.delete_blob()
            _log.info("%s is not given up: %s", file.name, moved_on)
            return
    except (AzureError, DrivecastError) as problem:
        _log.warning("no summary could be left for %s: %s", file.name, problem)
    _log.error("%s was given up: every try failed", file.name)


def _fail(service: BlobServiceClient, file: WrittenBlob, cause: str) -> str | None:
    """Publish a summary that says that the file was given up, or return why there is no need to."""
    found = find_unfinished(service, file.name, file.etag or None)
    if isinstance(found, str):
        return found
    version = UNKNOWN
    if found.failure is not None:
        version = found.failure.model_version
        cause = found.failure.error.detail.removesuffix(TRIED_AGAIN).removesuffix(_GIVEN_UP).strip()
    result = publish_failure(service, found.source, version, RunFailedError(f"{cause} {_GIVEN_UP}"))
    return result.reason if isinstance(result, Superseded) else None


class Unfinished(NamedTuple):
    """A version of a file that still waits for its result; *failure* is what its last try left."""

    source: PinnedBlob
    failure: FailedSummary | None


def find_unfinished(service: BlobServiceClient, name: str, etag: str | None) -> Unfinished | str:
    """Return a version of a telemetry file if a result of it is to come; why none is, otherwise.

    Parameters
    ----------
    etag : str or None
        Without quotes; None where nobody knows, for the newest version.
    """
    try:
        source = PinnedBlob.open(service.get_blob_client(containers.TELEMETRY, name))
    except SourceGoneError:
        return "it has been deleted"
    if etag is not None and source.etag.strip('"') != etag:
        return "it has been replaced"
    if is_scored(service, source):
        return "it has been scored"
    failure = failure_of(service, source)
    if failure is not None and failure.error.code != RunFailedError.code:
        return "it has been refused"
    return Unfinished(source, failure)
