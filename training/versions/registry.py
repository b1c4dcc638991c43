"""Model versions on disk: written whole or not at all, never changed, and named by aliases."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from functions.errors import ModelError
from functions.scoring.manifest import (
    CHAMPION,
    MANIFEST_FILE,
    REGISTRY_FILE,
    Manifest,
    Registry,
    read_registry,
)
from functions.scoring.model import Model

if TYPE_CHECKING:
    from collections.abc import Mapping


PREVIOUS = "previous"
"""Alias of the version that was champion before."""


class VersionExistsError(ModelError):
    """A version of this name has been written before."""


class NoPreviousError(ModelError):
    """There is no champion to go back to."""


def registry_of(models: Path) -> Registry:
    """Return a models folder's registry; an empty one when there is none yet."""
    return read_registry(models) if (models / REGISTRY_FILE).exists() else Registry([], {})


def refuse_existing(models: Path, version: str) -> None:
    """Raise `VersionExistsError` when a version is there already, before hours of work are spent on it."""
    if version in registry_of(models).versions or (models / version).exists():
        msg = f"Version {version} is in {models} already, and a version never changes; choose another name."
        raise VersionExistsError(msg)


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value, order="deterministic"), indent=2) + b"\n"


def write_version(models: Path, manifest: Manifest, files: Mapping[str, bytes]) -> Path:
    """Write a version's files, load it as serving would, and make it visible by one rename.

    Parameters
    ----------
    models : Path
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
        for name, content in {**files, MANIFEST_FILE: _json(manifest)}.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        (workshop / REGISTRY_FILE).write_bytes(_json(Registry([manifest.version], {})))
        Model.load(workshop, manifest.version)
        folder.rename(models / manifest.version)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return models / manifest.version


def register(models: Path, version: str, alias: str | None = CHAMPION) -> Registry:
    """Add a version to the registry and point an alias to it, in one atomic step.

    The version the champion's alias pointed to before stays reachable as ``previous``.
    """
    registry = registry_of(models)
    versions = [*registry.versions, *([] if version in registry.versions else [version])]
    aliases = dict(registry.aliases)
    if alias is not None and aliases.get(alias) != version:
        if alias == CHAMPION and CHAMPION in aliases:
            aliases[PREVIOUS] = aliases[CHAMPION]
        aliases[alias] = version
    return _replace(models, Registry(versions, aliases))


def promote(models: Path, name: str, alias: str = CHAMPION) -> Registry:
    """Point an alias to a version that is registered, once it has been loaded as serving would.

    Parameters
    ----------
    models : Path
    name : str
        A version or another alias.
    alias : str

    Raises
    ------
    functions.errors.ModelError
        There is no such version, or it cannot be served.
    """
    version = read_registry(models).resolve(name)
    Model.load(models, version)
    return register(models, version, alias)


def rollback(models: Path) -> Registry:
    """Make the previous champion the champion again, and the other way round.

    Raises
    ------
    NoPreviousError
        No version was champion before.
    functions.errors.ModelError
        The previous champion cannot be served.
    """
    if PREVIOUS not in read_registry(models).aliases:
        msg = f"No version in {models} was champion before; `promote VERSION` names one."
        raise NoPreviousError(msg)
    return promote(models, PREVIOUS)


def _replace(models: Path, changed: Registry) -> Registry:
    handle, name = tempfile.mkstemp(prefix=".registry-", dir=models)
    with os.fdopen(handle, "wb") as file:
        file.write(_json(changed))
    Path(name).chmod(0o644)
    Path(name).replace(models / REGISTRY_FILE)
    return changed
