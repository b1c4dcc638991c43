"""Replay: have a file scored again whose message ended in the poison queue.

The blob is copied onto itself, inside the storage account. Of the operations that raise
``Microsoft.Storage.BlobCreated`` (Put Blob, Put Block List, Copy Blob) this one neither moves the bytes
through this machine nor needs to know how they were uploaded, keeps content type and metadata, and costs one
request (https://learn.microsoft.com/azure/event-grid/event-schema-blob-storage,
https://learn.microsoft.com/rest/api/storageservices/copy-blob). Set Blob Metadata would change the ETag but
raise no event. A message put into the host's own queue would be quicker, but that queue's name and format
are the host's private matter; the copy walks the very way an upload does, and a host that polls sees the new
ETag.

The copy is made on the condition that the blob is still the version that failed, and the message is deleted
after it. Killed in between, the next replay finds a newer version, which is under way by itself, and deletes
the message.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceModifiedError, ResourceNotFoundError
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueClient, QueueMessage

from ops.poison.message import PoisonedFile, read
from ops.poison.queue import file_state

LEASE_SECONDS = 300
"""How long a message is kept from other replays; longer than a copy is waited for."""

COPY_SECONDS = 240.0
"""Longest wait for the copy. Within an account it is done at once; the service may postpone a large one."""

type Result = Literal["replayed", "newer version", "gone", "left"]


@dataclass(frozen=True)
class Replayed:
    """The outcome of one message: *path* is the file, or the message's id when it names none.

    ``left``: the message is still in the queue.
    """

    path: str
    result: Result
    told: str


def replay(blobs: BlobServiceClient, queue: QueueClient, message: QueueMessage) -> Replayed:
    """Replay one message that was taken from the poison queue for at least `LEASE_SECONDS`."""
    file = read(message.content)
    if file is None:
        return Replayed(
            f"message {message.id}",
            "left",
            "names no file; look at it, then delete it by hand",
        )
    done = raise_event(blobs, file)
    if done.result != "left":
        queue.delete_message(message)
    return done


def raise_event(blobs: BlobServiceClient, file: PoisonedFile) -> Replayed:
    """Copy the blob onto itself if it is still the version that failed.

    ``left`` when the copy failed; nothing has changed then.
    """
    state = file_state(blobs, file)
    if state == "gone":
        return Replayed(file.path, "gone", "no longer exists; upload it again if it is still wanted")
    if state == "changed":
        return _newer(file)
    blob = blobs.get_blob_client(file.container, file.name)
    unchanged = MatchConditions.IfNotModified
    try:
        etag = str(blob.get_blob_properties().etag) if state == "there" else f'"{file.etag}"'
        started = blob.start_copy_from_url(
            blob.url,
            etag=etag,
            match_condition=unchanged,
            source_etag=etag,
            source_match_condition=unchanged,
        )
        status = _wait(blobs, file, str(started["copy_id"]), str(started["copy_status"]))
    except ResourceModifiedError:
        return _newer(file)
    except ResourceNotFoundError:
        return Replayed(file.path, "gone", "was deleted just now")
    except HttpResponseError as error:
        return Replayed(file.path, "left", f"could not be copied onto itself: {_first_line(error)}")
    if status != "success":
        return Replayed(file.path, "left", f"its copy onto itself ended as {status}; replay it again later")
    return Replayed(file.path, "replayed", "is being scored again")


def _newer(file: PoisonedFile) -> Replayed:
    return Replayed(
        file.path,
        "newer version",
        "has been replaced or replayed since; the newer version is scored by itself",
    )


def _wait(blobs: BlobServiceClient, file: PoisonedFile, copy_id: str, status: str) -> str:
    deadline = time.monotonic() + COPY_SECONDS
    while status == "pending" and time.monotonic() < deadline:
        time.sleep(1.0)
        found = blobs.get_blob_client(file.container, file.name).get_blob_properties()
        if found.copy.id != copy_id:
            return "success"  # replaced by an upload since, which raises an event of its own
        status = str(found.copy.status)
    return status


def _first_line(error: HttpResponseError) -> str:
    return " ".join((error.message or type(error).__name__).splitlines()[:1])
