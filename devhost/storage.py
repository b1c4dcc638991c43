"""Storage clients of a connection, with retries and time-outs that suit an emulator next door."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

from azure.core.exceptions import AzureError, HttpResponseError, ResourceExistsError
from azure.storage.blob import BlobServiceClient, ContainerClient
from azure.storage.blob import ExponentialRetry as BlobRetry
from azure.storage.queue import ExponentialRetry as QueueRetry
from azure.storage.queue import QueueClient, QueueServiceClient

from devhost.app_settings import HOST_CONNECTION, connection_string
from devhost.errors import DevhostError
from devhost.logs import HOST_STORAGE

HOST_CONTAINER = "azure-webjobs-hosts"
"""Container of the host's own blobs, named as the Functions host names it."""


def blob_service(connection: str, where: str) -> BlobServiceClient:
    """Open the blob service an app setting names; DevhostError names the asker, *where*, if it cannot."""
    return _open(
        BlobServiceClient,
        connection,
        where,
        retry_policy=BlobRetry(initial_backoff=1, increment_base=2, retry_total=3),
        connection_timeout=5,
        read_timeout=60,
        logger=logging.getLogger(HOST_STORAGE),  # else its requests in an invocation count as the app's
    )


def queue_service(connection: str, where: str) -> QueueServiceClient:
    """Open the queue service an app setting names; as :func:`blob_service`."""
    return _open(
        QueueServiceClient,
        connection,
        where,
        retry_policy=QueueRetry(initial_backoff=1, increment_base=2, retry_total=3, random_jitter_range=1),
        connection_timeout=5,
        read_timeout=60,
        logger=logging.getLogger(HOST_STORAGE),
    )


def _open[T: (BlobServiceClient, QueueServiceClient)](
    service: type[T], connection: str, where: str, **options: Any
) -> T:
    try:
        return service.from_connection_string(connection_string(connection, where), **options)
    except ValueError as error:
        raise DevhostError(
            f"{where}: app setting {connection} is no storage connection string ({first_line(error)}); "
            f"export {connection}=UseDevelopmentStorage=true, or what `az storage account "
            "show-connection-string --name ACCOUNT` prints"
        ) from None


def first_line(error: Exception) -> str:
    """Return the sentence an error of the storage client begins with."""
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def explain(error: AzureError) -> str:
    """Say in one sentence what storage refused, and what mends it."""
    if not isinstance(error, HttpResponseError) or error.response is None:
        return (
            f"storage does not answer ({first_line(error)}): start Azurite with `npx azurite` or leave out "
            f"--no-azurite, or correct the app setting {HOST_CONNECTION}"
        )
    request: Any = error.response.request
    what = f"{request.method} {request.url.partition('?')[0]}"
    code = getattr(getattr(error, "error_code", None), "value", error.reason)
    if error.status_code in (401, 403):
        return (
            f"storage refuses {what} ({code}): the key in the app setting {HOST_CONNECTION}, or in the one "
            "that the binding names, is not the account's; "
            "`az storage account show-connection-string --name ACCOUNT` prints what to set"
        )
    return f"storage answers {error.status_code} ({code}) to {what}"


def ensure_container(container: ContainerClient) -> None:
    """Create a container unless it exists."""
    with suppress(ResourceExistsError):
        container.create_container()


def ensure_queue(queue: QueueClient) -> None:
    """Create a queue unless it exists."""
    with suppress(ResourceExistsError):
        queue.create_queue()
