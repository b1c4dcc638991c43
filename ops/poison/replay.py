"""Replay: have a file scored again that was given up.

The blob is copied onto itself, inside the storage account. Of the operations that raise
``Microsoft.Storage.BlobCreated`` (Put Blob, Put Block List, Copy Blob) this one neither moves the bytes
through this machine nor needs to know how they were uploaded, keeps content type and metadata, and costs one
request (https://learn.microsoft.com/azure/event-grid/event-schema-blob-storage,
https://learn.microsoft.com/rest/api/storageservices/copy-blob). Set Blob Metadata would change the ETag but
raise no event. A message put into the host's own queue would be quicker, but that queue's name and format
are the host's private matter; the copy walks the very way an upload does, and a host that polls sees the new
ETag.

The copy is made on the condition that the blob is still the version that failed, and the record is deleted
after it. Killed in between, the next replay finds a newer version, which is under way by itself, and deletes
the record.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceModifiedError, ResourceNotFoundError
from azure.storage.blob import BlobClient, BlobServiceClient

from functions.storage.containers import GIVEN_UP
from ops.app.storage_account import TELEMETRY
from ops.poison.records import GivenUpRecord, file_state

COPY_SECONDS = 240.0
"""Longest wait for the copy. Within an account it is done at once; the service may postpone a large one."""

type Result = Literal["replayed", "newer version", "gone", "left"]


@dataclass(frozen=True)
class Replayed:
    """The outcome of one record: *path* is the file, or the record when it names none.

    ``left``: the record is still there.
    """

    path: str
    result: Result
    message: str


def replay(blobs: BlobServiceClient, record: GivenUpRecord) -> Replayed:
    """Replay one file that was given up, and delete its record unless that failed."""
    entry = record.given_up
    if entry.name is None:
        return Replayed(record.path, "left", "names no file; look at it, then discard it")
    done = raise_event(blobs, entry.name, entry.etag)
    if done.result != "left":
        with suppress(ResourceNotFoundError):  # by another replay
            blobs.get_blob_client(GIVEN_UP, record.blob).delete_blob()
    return done


def raise_event(blobs: BlobServiceClient, name: str, failed: str) -> Replayed:
    """Copy the blob onto itself if it is still the version that failed.

    *failed* is the ETag of the version that failed, without quotes; "" where nobody knows. ``left`` when the
    copy failed; nothing has changed then.
    """
    path = f"{TELEMETRY}/{name}"
    state = file_state(blobs, name, failed)
    if state == "gone":
        return Replayed(path, "gone", "no longer exists; upload it again if it is still wanted")
    if state == "changed":
        return _newer(path)
    blob = blobs.get_blob_client(TELEMETRY, name)
    unchanged = MatchConditions.IfNotModified
    try:
        etag = str(blob.get_blob_properties().etag) if state == "there" else f'"{failed}"'
        started = blob.start_copy_from_url(
            blob.url,
            etag=etag,
            match_condition=unchanged,
            source_etag=etag,
            source_match_condition=unchanged,
        )
        status = _wait(blob, str(started["copy_id"]), str(started["copy_status"]))
    except ResourceModifiedError:
        return _newer(path)
    except ResourceNotFoundError:
        return Replayed(path, "gone", "was deleted just now")
    except HttpResponseError as error:
        return Replayed(path, "left", f"could not be copied onto itself: {_first_line(error)}")
    if status != "success":
        return Replayed(path, "left", f"its copy onto itself ended as {status}; replay it again later")
    return Replayed(path, "replayed", "is being scored again")


def _newer(path: str) -> Replayed:
    return Replayed(
        path,
        "newer version",
        "has been replaced or replayed since; the newer version is scored by itself",
    )


def _wait(blob: BlobClient, copy_id: str, status: str) -> str:
    deadline = time.monotonic() + COPY_SECONDS
    while status == "pending" and time.monotonic() < deadline:
        time.sleep(1.0)
        found = blob.get_blob_properties()
        if found.copy.id != copy_id:
            return "success"  # replaced by an upload since, which raises an event of its own
        status = str(found.copy.status)
    return status


def _first_line(error: HttpResponseError) -> str:
    return " ".join((error.message or type(error).__name__).splitlines()[:1])
