"""Model versions in the container `models`: uploaded once, named by aliases, the registry written last."""

from __future__ import annotations

import hashlib
import random
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError

from functions.errors import ModelError
from functions.scoring.model.manifest import (
    MANIFEST_FILE,
    REGISTRY_FILE,
    Manifest,
    Registry,
    manifest_digest,
    parse_registry,
    read_manifest,
)
from functions.scoring.model.onnx_model import Model
from functions.storage import containers
from functions.storage.errors import RegistryMissingError
from functions.storage.model_store import ModelStore, asking, checked_name
from training.versions.aliases import RegistryMovedError
from training.versions.folder_registry import VersionExistsError, json_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.storage.blob import BlobServiceClient

ATTEMPTS = 6
"""Of a change whose registry another changes first; people at command lines never come near."""


class ContainerRegistry:
    """The container `models` of an account as a `training.versions.aliases.RegistryPlace`."""

    def __init__(self, service: BlobServiceClient) -> None:
        self._service = service
        self._store = ModelStore(service)
        self.where = self._store.where

    def registry(self) -> Registry:
        """Read the registry."""
        return self._read()[0]

    def manifest(self, version: str) -> Manifest:
        """Read a version's manifest."""
        with tempfile.TemporaryDirectory() as folder:
            return self._manifest(version, Path(folder))

    def file(self, version: str, name: str) -> bytes:
        """Read one of a version's files."""
        return self._store.read(version, name)

    def verify(self, version: str) -> str:
        """Check every file of a version against its digest, and load it as serving would.

        Returns
        -------
        str
            sha256 of the manifest.

        Raises
        ------
        functions.errors.ModelError
            A file is missing or damaged, or a golden row does not score as recorded.
        """
        with tempfile.TemporaryDirectory() as folder:
            for name, expected in self._manifest(version, Path(folder)).files.items():
                if hashlib.sha256(self.file(version, name)).hexdigest() != expected:
                    msg = (
                        f"{name} of model {version} in {self.where} has not the sha256 of its manifest. "
                        "Publish the model under a new name."
                    )
                    raise ModelError(msg)
        with tempfile.TemporaryDirectory() as folder:
            found = self._store.fetch(version, Path(folder))
            Model.read(found, self._recorded(version))
            return manifest_digest((found / MANIFEST_FILE).read_bytes())

    def _recorded(self, version: str) -> str | None:
        try:
            return self.registry().manifests.get(version)
        except RegistryMissingError:
            return None

    def upload(self, version: str, name: str, content: bytes) -> bool:
        """Upload a file of a version; return False when the very same is there already.

        Raises
        ------
        VersionExistsError
            The container has another file of this name.
        """
        path = f"{checked_name(version)}/{name}"
        blob = self._service.get_blob_client(containers.MODELS, path)
        with asking(f"{path} cannot be written in {self.where}"):
            try:
                # If-None-Match: *, so that of two who publish at once the second is told.
                blob.upload_blob(content, overwrite=False)
            except ResourceExistsError:
                if self._store.read(version, name) == content:
                    return False
                msg = (
                    f"{path} is in {self.where} already, with other content, and a version never changes. "
                    "Publish the model under a new name."
                )
                raise VersionExistsError(msg) from None
        return True

    def replace_manifest(self, version: str, content: bytes) -> None:
        """Put another manifest in the place of a version's; the account keeps the former one for a while."""
        path = f"{checked_name(version)}/{MANIFEST_FILE}"
        with asking(f"{path} cannot be written in {self.where}"):
            self._service.get_blob_client(containers.MODELS, path).upload_blob(content, overwrite=True)

    def prepare(self) -> None:
        """Create the container when it is absent."""
        with asking(f"The container {containers.MODELS} of {self._service.account_name} cannot be created"):
            containers.ensure(self._service, [containers.MODELS])

    def change(self, transition: Callable[[Registry], Registry], *, create: bool = False) -> Registry:
        """Replace the registry by what becomes of it, if nobody changed it meanwhile, or try again.

        Parameters
        ----------
        transition : callable
            Called anew with what another wrote.
        create : bool
            Whether an absent registry counts as an empty one.

        Raises
        ------
        RegistryMovedError
            Others changed it at every attempt.
        """
        blob = self._service.get_blob_client(containers.MODELS, REGISTRY_FILE)
        for attempt in range(ATTEMPTS):
            condition: dict[str, Any]
            try:
                found, etag = self._read()
                condition = {
                    "overwrite": True,
                    "etag": etag,
                    "match_condition": MatchConditions.IfNotModified,
                }
            except RegistryMissingError:
                if not create:
                    raise
                found, condition = Registry([], {}), {"overwrite": False}
            changed = transition(found)
            if changed == found:
                return found
            try:
                with asking(f"{REGISTRY_FILE} cannot be written in {self.where}"):
                    blob.upload_blob(json_bytes(changed), **condition)
            except (ResourceModifiedError, ResourceExistsError, ResourceNotFoundError):
                time.sleep(random.uniform(0, 0.05 * 2**attempt))
                continue
            return changed
        msg = f"The registry in {self.where} was changed by others at {ATTEMPTS} attempts; try again."
        raise RegistryMovedError(msg)

    def _read(self) -> tuple[Registry, str]:
        stored = self._store.registry()
        assert stored is not None  # no ETag was named that it could still have
        return parse_registry(stored.content, f"{REGISTRY_FILE} in {self.where}"), stored.etag

    def _manifest(self, version: str, folder: Path) -> Manifest:
        target = folder / checked_name(version)
        target.mkdir()
        (target / MANIFEST_FILE).write_bytes(self.file(version, MANIFEST_FILE))
        return read_manifest(target)
