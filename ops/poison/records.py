"""The records of files that were given up, as the app keeps them, and what waits in the poison queues."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

from functions.errors import NO_JSON
from functions.storage.containers import GIVEN_UP, RUNS
from functions.storage.given_up import GivenUp, record_name
from functions.storage.output_names import is_reachable, progress_name
from ops.app.storage_account import TELEMETRY
from ops.outputs import telemetry_files

QUEUES = ("webjobs-blobtrigger-poison", "telemetry-ranges-poison", "telemetry-events-poison")
"""Where the Functions host puts what failed five times, and whence the app's functions take it."""

type FileState = Literal["unchanged", "changed", "gone", "there"]


@dataclass(frozen=True)
class GivenUpRecord:
    """One record.

    Parameters
    ----------
    blob : str
        Its name in the container given-up.
    kept : datetime
        Since when, UTC.
    given_up : GivenUp
        What it says.
    """

    blob: str
    kept: datetime
    given_up: GivenUp

    @property
    def path(self) -> str:
        """``telemetry/<name>``; which record it is where the message names no file."""
        name = self.given_up.name
        return f"{GIVEN_UP}/{self.blob}" if name is None else f"{TELEMETRY}/{name}"


def records(blobs: BlobServiceClient) -> Iterator[GivenUpRecord]:
    """Yield every record; one request each. One that is no longer as the app wrote it names no file."""
    container = blobs.get_container_client(GIVEN_UP)
    with suppress(ResourceNotFoundError):  # the app makes the container with the first record
        for blob in container.list_blobs():
            try:
                content = bytes(container.download_blob(blob.name).readall())
                found = msgspec.json.decode(content, type=GivenUp)
            except ResourceNotFoundError:
                continue  # replayed by somebody else just now
            except NO_JSON:
                found = GivenUp("", content.decode(errors="replace"))
            if found.name is not None and not is_reachable(found.name):
                # The app keeps none of that kind: it leads to another container.
                found = msgspec.structs.replace(found, name=None)
            yield GivenUpRecord(str(blob.name), blob.last_modified, found)


def discard(blobs: BlobServiceClient, record: GivenUpRecord) -> None:
    """Delete a record, and before it the progress of its run: a run without either is announced again."""
    entry = record.given_up
    places = [(GIVEN_UP, record.blob)]
    if entry.name is not None:
        places.insert(0, (RUNS, progress_name(entry.name, entry.etag)))
    for container, name in places:
        with suppress(ResourceNotFoundError):
            blobs.get_blob_client(container, name).delete_blob()


class GivenUpFiles:
    """The file versions that were given up, as the names of the records tell them: one listing."""

    def __init__(self, blobs: BlobServiceClient) -> None:
        self._names: frozenset[str] = frozenset()
        with suppress(ResourceNotFoundError):
            self._names = frozenset(blobs.get_container_client(GIVEN_UP).list_blob_names())

    def __len__(self) -> int:
        """Return how many there are, messages that name no file among them."""
        return len(self._names)

    def has(self, name: str, etag: str) -> bool:
        """Whether this version was given up, or one that is not certain."""
        return not self._names.isdisjoint({record_name(name, etag), record_name(name, "")})


def waiting(queues: QueueServiceClient) -> int:
    """Return about how many messages are in the poison queues: not given up yet, or such as cannot be."""
    found = 0
    for name in QUEUES:
        with suppress(ResourceNotFoundError):  # the host makes a poison queue with its first message
            properties = queues.get_queue_client(name).get_queue_properties()
            found += int(properties.approximate_message_count or 0)
    return found


def file_state(blobs: BlobServiceClient, name: str, etag: str) -> FileState:
    """Return what became of a telemetry file since it failed.

    Returns
    -------
    {"unchanged", "changed", "gone", "there"}
        ``changed`` when there is another version now: uploaded again, or replayed already. ``there`` when the
        record does not tell which version failed.
    """
    file = telemetry_files.current(blobs, name)
    if file is None:
        return "gone"
    if not etag:
        return "there"
    return "unchanged" if file.etag == etag else "changed"
