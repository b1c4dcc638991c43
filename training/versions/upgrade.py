"""Versions of an earlier release, brought up to this one: golden telemetry, and digests of manifests.

The model, its explainer and every other file stay as they are, to the byte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from functions.scoring.model.manifest import MODEL_FILE, Registry
from training.versions.folder_registry import json_bytes
from training.versions.golden import score_rows
from training.versions.golden_telemetry import largest_row, telemetry_of

if TYPE_CHECKING:
    from functions.scoring.model.manifest import GoldenRow, Manifest
    from training.versions.aliases import RegistryPlace


def upgrade(location: RegistryPlace) -> list[str]:
    """Give every version whose manifest has no digest in the registry golden telemetry, then its digest.

    A version with a digest never changes. Killed in between, it is found again by the next call.

    Returns
    -------
    list of str
        The versions upgraded.

    Raises
    ------
    functions.errors.ModelError
        A version cannot be served, before or after.
    """
    registry = location.registry()
    digests: dict[str, str] = {}
    for version in registry.versions:
        if version in registry.manifests:
            continue
        location.verify(version)
        manifest = location.manifest(version)
        content = json_bytes(with_telemetry(manifest, location.file(version, MODEL_FILE)))
        location.replace_manifest(version, content)
        digests[version] = location.verify(version)
    if digests:
        location.change(lambda found: Registry(found.versions, found.aliases, {**digests, **found.manifests}))
    return list(digests)


def with_telemetry(manifest: Manifest, content: bytes) -> Manifest:
    """Return a manifest whose golden rows begin with telemetry.

    Rows that no telemetry comes to are left out; in their place is one of the largest raw values.

    Parameters
    ----------
    content : bytes
        The model in ONNX.
    """
    begun = [_begin(row, manifest, index) for index, row in enumerate(manifest.golden)]
    rows = [row for row in begun if row.telemetry is not None]
    if len(rows) < len(begun):
        rows += score_rows([largest_row(manifest.features)], content)
    return msgspec.structs.replace(manifest, golden=rows)


def _begin(row: GoldenRow, manifest: Manifest, index: int) -> GoldenRow:
    if row.telemetry is not None:
        return row
    return msgspec.structs.replace(row, telemetry=telemetry_of(row.features, manifest.features, index))
