"""The real app under devhost, on Azurite, with the small model."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobServiceClient

from tests.conftest import RunApp
from tests.support.counting_store import store, v1_answers  # noqa: F401 - fixtures of the tests here
from tests.support.running_app import PROJECT, RunningApp, RunningAzurite
from tests.support.waiting import wait_until

MAX_BODY_BYTES = 20_000
HOST_ID = "functions-tests"


@pytest.fixture(scope="session")
def app(run_app: RunApp, azurite: RunningAzurite, small_models: Path) -> Iterator[RunningApp]:
    """function_app.py, answering; its containers are there before it starts, as in Azure."""
    for name in ("telemetry", "predictions"):
        container = azurite.blobs.get_container_client(name)
        if not container.exists():
            container.create_container()
    settings = {
        "MODELS_FOLDER": str(small_models),
        "MAX_BODY_BYTES": str(MAX_BODY_BYTES),
        "AzureFunctionsWebHost__hostid": HOST_ID,
    }
    with run_app(PROJECT, settings=settings) as running:
        yield running


@pytest.fixture
def http(app: RunningApp) -> Iterator[httpx.Client]:
    """A client of the app's routes."""
    with httpx.Client(base_url=f"{app.base_url}/api", timeout=30) as client:
        yield client


class Fleet:
    """A folder of the container telemetry that belongs to one test, and what comes of it."""

    def __init__(self, blobs: BlobServiceClient) -> None:
        self._blobs = blobs
        self.folder = uuid.uuid4().hex

    def drop(self, name: str, data: bytes) -> str:
        """Upload a file, replacing an older one; return its ETag."""
        blob = self._blobs.get_blob_client("telemetry", f"{self.folder}/{name}")
        return str(blob.upload_blob(data, overwrite=True)["etag"])

    def summary(
        self, stem: str, etag: str, seconds: float = 30, *, status: str | None = None
    ) -> dict[str, Any]:
        """Wait for the summary of this very upload, with a certain status if one is given."""

        def found() -> dict[str, Any] | None:
            try:
                document: dict[str, Any] = json.loads(self.output(f"{stem}.summary.json"))
            except ResourceNotFoundError:
                return None
            waited_for = document["source"]["etag"] == etag and status in (None, document["status"])
            return document if waited_for else None

        return wait_until(found, seconds, f"summary of {stem}") or {}

    def output(self, name: str) -> bytes:
        """Read an output."""
        return self._blobs.get_blob_client("predictions", f"{self.folder}/{name}").download_blob().readall()

    def metadata(self, name: str) -> dict[str, str]:
        """Read an output's metadata."""
        blob = self._blobs.get_blob_client("predictions", f"{self.folder}/{name}")
        return dict(blob.get_blob_properties().metadata)

    def outputs(self) -> list[str]:
        """List the outputs."""
        names = self._blobs.get_container_client("predictions").list_blob_names(
            name_starts_with=f"{self.folder}/"
        )
        return sorted(str(name).removeprefix(f"{self.folder}/") for name in names)


@pytest.fixture
def fleet(app: RunningApp, azurite: RunningAzurite) -> Fleet:
    return Fleet(azurite.blobs)
