"""From app settings to a client of the storage account, as the Functions host resolves a connection name."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

from azure.storage.blob import BlobServiceClient, ExponentialRetry

from functions.storage.errors import StorageSettingError

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

DEFAULT_CONNECTION = "AzureWebJobsStorage"
CHUNK_BYTES = 16 * 1024 * 1024
"""Bytes of one ranged download. The SDK's default of 4 MiB halves the throughput."""

READ_SECONDS = 60
"""Without a byte, after which a request is given up and sent again."""

_clients: dict[str, BlobServiceClient] = {}
_lock = threading.Lock()


def blob_service(connection: str = DEFAULT_CONNECTION) -> BlobServiceClient:
    """Return this process's client of the account that an app setting names; threads may share it.

    Parameters
    ----------
    connection : str
        Name of the connection. Either the app setting of this name holds a connection string
        (``UseDevelopmentStorage=true`` included), or ``<connection>__blobServiceUri``, ``__serviceUri`` or
        ``__accountName`` names the account, with ``__credential`` (``managedidentity``, or absent for the
        credentials of a signed-in developer) and ``__clientId`` of a user-assigned identity.

    Raises
    ------
    StorageSettingError
        The settings are absent or cannot be used.
    """
    with _lock:
        if connection not in _clients:
            _clients[connection] = _connect(connection)
        return _clients[connection]


def retry_policy() -> ExponentialRetry:
    """Return a new retry policy: 6 retries after about 1, 3, 5, 9, 17 and 33 seconds, each +-1 s.

    About a minute in all: longer than a storage partition takes to move to another server.
    """
    return ExponentialRetry(initial_backoff=1, increment_base=2, retry_total=6, random_jitter_range=1)


def _connect(connection: str) -> BlobServiceClient:
    text = os.environ.get(connection, "").strip()
    if text:
        try:
            return BlobServiceClient.from_connection_string(text, **_options())
        except ValueError as error:
            # The text itself is not repeated: it usually holds the account key.
            found = str(error).rstrip(".")
            raise StorageSettingError(
                f"The app setting {connection} is not a storage connection string ({found}). Expected "
                "'UseDevelopmentStorage=true' or "
                "'DefaultEndpointsProtocol=...;AccountName=...;AccountKey=...'."
            ) from error
    return BlobServiceClient(_account_url(connection), credential=_credential(connection), **_options())


def _options() -> dict[str, Any]:
    return {
        "retry_policy": retry_policy(),
        "max_single_get_size": CHUNK_BYTES,
        "max_chunk_get_size": CHUNK_BYTES,
        "connection_timeout": 10,  # seconds
        "read_timeout": READ_SECONDS,
    }


def _account_url(connection: str) -> str:
    for suffix in ("blobServiceUri", "serviceUri"):
        url = os.environ.get(f"{connection}__{suffix}", "").strip()
        if url:
            if not url.startswith(("https://", "http://")):
                raise StorageSettingError(
                    f"The app setting {connection}__{suffix} is {url!r}; expected an address such as "
                    "https://<account>.blob.core.windows.net."
                )
            return url
    account = os.environ.get(f"{connection}__accountName", "").strip()
    if account:
        return f"https://{account}.blob.core.windows.net"
    raise StorageSettingError(
        f"No storage account is configured. Set {connection} to a connection string, or "
        f"{connection}__blobServiceUri (or {connection}__serviceUri) to the account's address, with "
        f"{connection}__credential=managedidentity and {connection}__clientId for a managed identity."
    )


def _credential(connection: str) -> TokenCredential:
    kind = os.environ.get(f"{connection}__credential", "").strip().lower()
    client_id = os.environ.get(f"{connection}__clientId", "").strip() or None
    if kind not in ("", "managedidentity"):
        raise StorageSettingError(
            f"The app setting {connection}__credential is {kind!r}; expected 'managedidentity', or no such "
            "setting to use the credentials of a signed-in developer."
        )
    # Imported here: azure.identity takes longer to import than the rest of this package, and a connection
    # string does without it.
    if kind == "managedidentity":
        from azure.identity import ManagedIdentityCredential

        return ManagedIdentityCredential(client_id=client_id)
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential(managed_identity_client_id=client_id)
