"""The container `models` of the tests' account, filled as `publish` would and broken as nobody should."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient

from functions.scoring.model.manifest import manifest_digest
from functions.storage import containers
from tests.support.running_app import RunningAzurite


class ModelContainer:
    """The container, empty at first."""

    def __init__(self, service: BlobServiceClient) -> None:
        self.service = service
        self._container = service.get_container_client(containers.MODELS)
        if not self._container.exists():
            self._container.create_container()
        for name in self._container.list_blob_names():
            self._container.delete_blob(name)

    def put(self, name: str, content: bytes) -> None:
        """Write a blob, by force."""
        self._container.upload_blob(name, content, overwrite=True)

    def get(self, name: str) -> bytes:
        """Read a blob."""
        return bytes(self._container.download_blob(name).readall())

    def delete(self, name: str) -> None:
        """Delete a blob."""
        self._container.delete_blob(name)

    def names(self) -> list[str]:
        """List the blobs."""
        return sorted(str(name) for name in self._container.list_blob_names())

    def upload(self, models: Path, *versions: str) -> None:
        """Upload versions of a folder, without the registry."""
        for version in versions:
            for path in (models / version).iterdir():
                self.put(f"{version}/{path.name}", path.read_bytes())

    def registry(self, versions: list[str], **aliases: str) -> None:
        """Write the registry, by force."""
        self.put("registry.json", json.dumps({"versions": versions, "aliases": aliases}).encode())

    def record_digests(self) -> None:
        """Record the digests of all manifests in the registry, as `python -m training upgrade` does."""
        document = json.loads(self.get("registry.json"))
        document["manifests"] = {
            version: manifest_digest(self.get(f"{version}/manifest.json")) for version in document["versions"]
        }
        self.put("registry.json", json.dumps(document).encode())

    def aliases(self) -> dict[str, str]:
        """Read the registry's aliases."""
        found: dict[str, str] = json.loads(self.get("registry.json"))["aliases"]
        return found

    def upload_broken(self, models: Path, source: str, version: str, fault: str) -> None:
        """Upload a version under another name with something wrong in it.

        Parameters
        ----------
        models : Path
            Folder that has the source.
        source, version : str
            Names of the sound version and of the broken one.
        fault : {"digest", "golden", "missing", "manifest"}
        """
        manifest = json.loads((models / source / "manifest.json").read_bytes()) | {"version": version}
        model = (models / source / "model.onnx").read_bytes()
        if fault == "golden":
            manifest["golden"][0]["probability"] += 0.01
        text = json.dumps(manifest).encode()
        self.put(f"{version}/manifest.json", text[:-40] if fault == "manifest" else text)
        self.put(f"{version}/model.onnx", model[:-40] if fault == "digest" else model)
        if fault != "missing":
            self.put(f"{version}/explainer.npz", (models / source / "explainer.npz").read_bytes())


@pytest.fixture
def model_container(azurite: RunningAzurite) -> Iterator[ModelContainer]:
    """Return the container `models` of the shared Azurite, emptied."""
    with azurite.blobs as service:
        yield ModelContainer(service)
