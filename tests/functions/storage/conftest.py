"""An account with the app's containers, and a folder in it that belongs to one test."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from azure.storage.blob import BlobClient, BlobServiceClient

from functions.storage import containers
from functions.storage.accounts import blob_service
from tests.support.running_app import RunningAzurite

type Upload = Callable[..., BlobClient]


@pytest.fixture(scope="session")
def storage_azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAzurite]:
    """Apart from the session's account, whose app takes every file it sees."""
    running = RunningAzurite(tmp_path_factory.mktemp("azurite-storage"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def service(storage_azurite: RunningAzurite) -> Iterator[BlobServiceClient]:
    """Client of the emulated account, made as the app makes it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("StorageUnderTest", storage_azurite.connection_string)
        client = blob_service("StorageUnderTest")
    containers.ensure(client, [containers.TELEMETRY, *containers.OUTPUTS])
    with client:
        yield client


@pytest.fixture
def folder() -> str:
    """Return a folder no other test uses."""
    return uuid.uuid4().hex


@pytest.fixture
def upload(service: BlobServiceClient, folder: str) -> Upload:
    """Upload a blob into the test's folder of `telemetry`, replacing what was there."""

    def put(data: bytes, name: str = "day.csv", **options: Any) -> BlobClient:
        client = service.get_blob_client(containers.TELEMETRY, f"{folder}/{name}")
        client.upload_blob(data, overwrite=True, **options)
        return client

    return put
