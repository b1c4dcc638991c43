"""The app's storage account from outside: telemetry in, outputs back."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import BlobServiceClient, LinearRetry

from devhost import app_settings, azurite
from devhost.errors import DevhostError
from ops.errors import OpsError

TELEMETRY = "telemetry"
PREDICTIONS = "predictions"

SETTING = "AzureWebJobsStorage"
EMULATOR = "UseDevelopmentStorage=true"


def configured_connection(folder: Path) -> str:
    """Return the connection string of the app in a folder.

    That is `AzureWebJobsStorage` of the environment, else of its local settings, else Azurite: that of a
    devhost which runs in the folder, else one on the usual ports. OpsError when its local settings cannot be
    read.
    """
    environment: dict[str, str] = {}
    if not os.environ.get(SETTING):
        try:
            app_settings.load(folder, environment)
        except DevhostError as error:
            raise OpsError(str(error)) from None
    configured = os.environ.get(SETTING) or environment.get(SETTING) or EMULATOR
    if configured == EMULATOR and (running := azurite.running(folder / azurite.FOLDER)):
        return running.connection_string
    return configured


def client_options() -> dict[str, Any]:
    """Return the options of a client that gives up on an account it cannot reach within five seconds.

    An answer may take longer, and is asked for again; a connection is tried once, in which TCP tries again.
    """
    return {
        "retry_policy": LinearRetry(backoff=1, retry_connect=0),
        "connection_timeout": 3,
        "read_timeout": 60,
    }


def connect(connection: str, given_in: str = SETTING) -> BlobServiceClient:
    """Return a client, not yet connected.

    OpsError when the text is no connection string; *given_in* is where it came from.
    """
    try:
        return BlobServiceClient.from_connection_string(connection, **client_options())
    except ValueError as error:
        raise OpsError(f"{given_in} is not a storage connection string: {error}") from None


def upload(account: BlobServiceClient, path: Path, progress: Callable[[int, int | None], None]) -> str:
    """Upload a telemetry file under its own name, replacing an older one; return its ETag without quotes.

    *progress* is called with the bytes sent and the bytes in all.
    """
    container = account.get_container_client(TELEMETRY)
    with suppress(ResourceExistsError):
        container.create_container()
    with path.open("rb") as file:
        answer = container.get_blob_client(path.name).upload_blob(
            file, overwrite=True, progress_hook=progress
        )
    return str(answer["etag"]).strip('"')


def wait_for(
    account: BlobServiceClient,
    name: str,
    *,
    accept: Callable[[bytes], bool],
    check: Callable[[], None],
    seconds: float,
) -> bytes:
    """Wait until a blob of the container `predictions` is there and is the one meant; return its bytes.

    Parameters
    ----------
    accept : callable
        Given the blob's bytes, whether it is the one waited for.
    check : callable
        Called between looks; raises when waiting has become pointless.

    Raises
    ------
    OpsError
        When the time is over.
    """
    blob = account.get_blob_client(PREDICTIONS, name)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        check()
        with suppress(ResourceNotFoundError):
            content = bytes(blob.download_blob().readall())
            if accept(content):
                return content
        time.sleep(0.2)
    raise OpsError(f"{PREDICTIONS}/{name} did not appear within {seconds:.0f} s")


def download_outputs(account: BlobServiceClient, stem: str, directory: Path) -> list[Path]:
    """Download every output of one telemetry file; return the files by name.

    *stem* is the telemetry file's name without its ending, such as ``.csv.gz``.
    """
    container = account.get_container_client(PREDICTIONS)
    written = []
    for name in container.list_blob_names(name_starts_with=f"{stem}."):
        target = directory / name
        with target.open("wb") as file:
            container.download_blob(name).readinto(file)
        written.append(target)
    return sorted(written)
