"""From what ``--storage`` names to a client of that account."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from azure.storage.blob import BlobServiceClient, ExponentialRetry

from functions.storage.errors import StorageSettingError

EXPECTED = (
    "Expected a connection string, or the account's address such as https://<account>.blob.core.windows.net "
    "for the identity signed in with `az login`"
)
LOCAL = ("127.0.0.1", "localhost")


def _options() -> dict[str, Any]:
    # Somebody waits at a command line: an account that is not there is given up within seconds.
    retries = ExponentialRetry(initial_backoff=1, increment_base=2, retry_total=2, random_jitter_range=1)
    return {"retry_policy": retries, "connection_timeout": 5, "read_timeout": 60}


def connect(target: str) -> BlobServiceClient:
    """Return a client of the account; what was given is never repeated in an error, for it may be a secret.

    Parameters
    ----------
    target : str
        A connection string, or the address of an account. An address with a signature (SAS) is used with
        it, one without by the identity that azure-identity finds.

    Raises
    ------
    StorageSettingError
        It is neither.
    """
    text = target.strip()
    if not text.startswith(("https://", "http://")):
        try:
            return BlobServiceClient.from_connection_string(text, **_options())
        except ValueError:
            msg = f"--storage is not a storage connection string. {EXPECTED}."
            raise StorageSettingError(msg) from None
    try:
        address = urlsplit(text)
        local = address.hostname in LOCAL
    except ValueError:
        msg = f"--storage is not an address. {EXPECTED}."
        raise StorageSettingError(msg) from None
    if not address.hostname or address.username or (address.path.strip("/") and not local):
        msg = f"--storage is not the address of an account alone. {EXPECTED}, without a container."
        raise StorageSettingError(msg)
    if address.query:
        return BlobServiceClient(text, **_options())
    if address.scheme != "https":
        msg = f"--storage begins with http://; an identity's token is sent over https:// only. {EXPECTED}."
        raise StorageSettingError(msg)
    from azure.identity import DefaultAzureCredential

    return BlobServiceClient(text, credential=DefaultAzureCredential(), **_options())
