"""Storage clients of a connection, with retries and time-outs that suit an emulator next door."""

from __future__ import annotations

from contextlib import suppress

from azure.core.exceptions import ResourceExistsError
from azure.storage.blob import BlobServiceClient, ContainerClient
from azure.storage.blob import ExponentialRetry as BlobRetry
from azure.storage.queue import ExponentialRetry as QueueRetry
from azure.storage.queue import QueueClient, QueueServiceClient

from devhost.app_settings import connection_string

HOST_CONTAINER = "azure-webjobs-hosts"
"""Container of the host's own blobs, named as the Functions host names it."""


def blob_service(connection: str, where: str) -> BlobServiceClient:
    """Open the blob service an app setting names.

    Raises
    ------
    DevhostError
        If the setting is missing; *where* says what asked for it.
    """
    return BlobServiceClient.from_connection_string(
        connection_string(connection, where),
        retry_policy=BlobRetry(initial_backoff=1, increment_base=2, retry_total=3),
        connection_timeout=5,
        read_timeout=60,
    )


def queue_service(connection: str, where: str) -> QueueServiceClient:
    """Open the queue service an app setting names; as :func:`blob_service`."""
    return QueueServiceClient.from_connection_string(
        connection_string(connection, where),
        retry_policy=QueueRetry(initial_backoff=1, increment_base=2, retry_total=3, random_jitter_range=1),
        connection_timeout=5,
        read_timeout=60,
    )


def ensure_container(container: ContainerClient) -> None:
    """Create a container unless it exists."""
    with suppress(ResourceExistsError):
        container.create_container()


def ensure_queue(queue: QueueClient) -> None:
    """Create a queue unless it exists."""
    with suppress(ResourceExistsError):
        queue.create_queue()
