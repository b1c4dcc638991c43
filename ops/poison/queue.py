"""The poison queues: their names, looking into them, taking messages out of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueClient, QueueMessage, QueueServiceClient

from ops.poison.message import PoisonedFile, read

PAGE = 32
"""Most messages the service hands out or shows at a time."""

DEFAULT_TRIES = 5
"""The Functions host's, where host.json says nothing."""

type FileState = Literal["unchanged", "changed", "gone", "there"]


@dataclass(frozen=True)
class PoisonQueue:
    """One poison queue; *extension* and *setting*: where host.json limits the tries of its messages."""

    name: str
    extension: str
    setting: str

    def tries(self, app: Path) -> int:
        """Return how often a message is tried before it is given up; messages do not carry the number."""
        try:
            host = msgspec.json.decode((app / "host.json").read_bytes())
            return int(host["extensions"][self.extension][self.setting])
        except (OSError, msgspec.DecodeError, KeyError, TypeError, ValueError):
            return DEFAULT_TRIES


BLOB_TRIGGER = PoisonQueue("webjobs-blobtrigger-poison", "blobs", "poisonBlobThreshold")
"""Whole files. Named by the Functions host, the same for every app."""

QUEUES = (
    BLOB_TRIGGER,
    PoisonQueue("telemetry-ranges-poison", "queues", "maxDequeueCount"),
    PoisonQueue("telemetry-events-poison", "queues", "maxDequeueCount"),
)
"""Also the ranges of large files, and the events of an app that Event Grid cannot reach."""


def shown(queue: QueueClient) -> list[QueueMessage]:
    """Return the first messages as they are, at most `PAGE`; looking neither takes nor counts them."""
    try:
        return list(queue.peek_messages(max_messages=PAGE))
    except ResourceNotFoundError:
        # The host makes a poison queue with its first message.
        return []


def given_up(queues: QueueServiceClient) -> set[PoisonedFile]:
    """Return the file versions that messages of the poison queues stand for, as far as the messages show."""
    read_messages = (
        read(message.content) for each in QUEUES for message in shown(queues.get_queue_client(each.name))
    )
    return {file for file in read_messages if file is not None}


def count(queue: QueueClient) -> int:
    """Return about how many messages there are, those being replayed included."""
    try:
        return int(queue.get_queue_properties().approximate_message_count or 0)
    except ResourceNotFoundError:
        return 0


def count_all(queues: QueueServiceClient) -> int:
    """Return about how many messages there are in all poison queues."""
    return sum(count(queues.get_queue_client(each.name)) for each in QUEUES)


def taken(queue: QueueClient, seconds: int) -> Iterator[QueueMessage]:
    """Take the messages one by one, invisible to others for some seconds; one comes back unless deleted."""
    with suppress(ResourceNotFoundError):
        # One at a time: a lease begins when the message is taken, and what one replay needs is not known.
        yield from queue.receive_messages(messages_per_page=1, visibility_timeout=seconds)


def file_state(blobs: BlobServiceClient, file: PoisonedFile) -> FileState:
    """Return the state of the file since it failed.

    ``changed`` when there is another version now: uploaded again, or replayed already. ``there`` when the
    message does not tell which version failed.
    """
    try:
        found = blobs.get_blob_client(file.container, file.name).get_blob_properties()
    except ResourceNotFoundError:
        return "gone"
    if not file.etag:
        return "there"
    return "unchanged" if str(found.etag).strip('"') == file.etag else "changed"


def age(message: QueueMessage) -> timedelta:
    """Return how long ago the file was given up."""
    since = message.inserted_on
    return datetime.now(UTC) - since if isinstance(since, datetime) else timedelta()
