"""Model versions in a folder: written whole or not at all, never changed, and named by aliases."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from functions.errors import ModelError
from functions.scoring.model.manifest import (
    CHAMPION,
    MANIFEST_FILE,
    REGISTRY_FILE,
    Manifest,
    Registry,
    manifest_digest,
    read_manifest,
    read_registry,
)
from functions.scoring.model.onnx_model import Model
from training.versions.aliases import point

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class VersionExistsError(ModelError):
    """A version of this name has been written before."""


class FolderRegistry:
    """A models folder as a `training.versions.aliases.RegistryPlace`."""

    def __init__(self, models: Path) -> None:
        self._models = models
        self.where = str(models)

    def registry(self) -> Registry:
        """Read the registry."""
        return read_registry(self._models)

    def manifest(self, version: str) -> Manifest:
        """Read a version's manifest."""
        return read_manifest(self._models / version)

    def file(self, version: str, name: str) -> bytes:
        """Read one of a version's files."""
        return (self._models / version / name).read_bytes()

    def verify(self, version: str) -> str:
        """Load a version as serving would; return its manifest's sha256."""
        Model.load(self._models, version)
        return manifest_digest(self.file(version, MANIFEST_FILE))

    def replace_manifest(self, version: str, content: bytes) -> None:
        """Put another manifest in the place of a version's, in one atomic step."""
        self._replace(f"{version}/{MANIFEST_FILE}", content)

    def change(self, transition: Callable[[Registry], Registry]) -> Registry:
        """Replace the registry by what becomes of it; an absent one counts as empty."""
        changed = transition(registry_of(self._models))
        self._replace(REGISTRY_FILE, json_bytes(changed))
        return changed

    def _replace(self, path: str, content: bytes) -> None:
        handle, name = tempfile.mkstemp(prefix=".registry-", dir=self._models)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(self._models / path)


def registry_of(models: Path) -> Registry:
    """Return a models folder's registry; an empty one when there is none yet."""
    return read_registry(models) if (models / REGISTRY_FILE).exists() else Registry([], {})


def refuse_existing(models: Path, version: str) -> None:
    """Raise `VersionExistsError` when a version is there already, before hours of work are spent on it."""
    if version in registry_of(models).versions or (models / version).exists():
        msg = f"Version {version} is in {models} already, and a version never changes; choose another name."
        raise VersionExistsError(msg)


def json_bytes(value: object) -> bytes:
    """Return a manifest or a registry as it is kept: sorted, indented, the same bytes every time."""
    if isinstance(value, Manifest):
        # In a fixed order msgspec writes text for keys only.
        stand_ins: dict[Any, int] = {f"{missing}": other for missing, other in value.stand_ins.items()}
        value = msgspec.structs.replace(value, stand_ins=stand_ins)
    return msgspec.json.format(msgspec.json.encode(value, order="deterministic"), indent=2) + b"\n"


def write_version(models: Path, manifest: Manifest, files: Mapping[str, bytes]) -> Path:
    """Write a version's files, load it as serving would, and make it visible by one rename.

    Parameters
    ----------
    manifest : Manifest
        Its ``files`` are filled in here.
    files : mapping of str to bytes
        By path within the version's folder.

    Returns
    -------
    Path
        The version's folder.

    Raises
    ------
    VersionExistsError
    functions.errors.ModelError
        The version cannot be loaded, or does not score its golden rows as recorded. Nothing is written then.
    """
    refuse_existing(models, manifest.version)
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    manifest = msgspec.structs.replace(manifest, files=digests)
    models.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=".writing-", dir=models))
    try:
        folder = workshop / manifest.version
        for name, content in {**files, MANIFEST_FILE: json_bytes(manifest)}.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        Model.read(folder)
        folder.rename(models / manifest.version)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return models / manifest.version


def verified_files(models: Path, version: str) -> dict[str, bytes]:
    """Return all files of a version by path within its folder, each with the digest that is recorded of it.

    Raises
    ------
    functions.errors.ModelError
        A file is missing or damaged, or the version cannot be served.
    """
    model = Model.load(models, version)
    return {
        MANIFEST_FILE: (models / version / MANIFEST_FILE).read_bytes(),
        **{name: model.file(name) for name in model.manifest.files},
    }


def register(models: Path, version: str, alias: str | None = CHAMPION) -> Registry:
    """Add a version to a folder's registry and point an alias to it, in one atomic step.

    The version the champion's alias pointed to before stays reachable as ``previous``.
    """
    location = FolderRegistry(models)
    digest = manifest_digest(location.file(version, MANIFEST_FILE))
    return location.change(lambda found: point(found, version, digest, alias))
