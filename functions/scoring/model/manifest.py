"""A model version's manifest, the contract of training and serving; and the registry that names versions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from functions.errors import ModelError
from functions.scoring.model.features import Feature
from functions.scoring.smart import ATTRIBUTES

MANIFEST_FORMAT = 1
"""Raised when a reader of the old format could no longer serve a new manifest."""

MANIFEST_FILE = "manifest.json"
MODEL_FILE = "model.onnx"
EXPLAINER_FILE = "explainer.npz"
REGISTRY_FILE = "registry.json"

CHAMPION = "champion"
CHALLENGER = "challenger"


class Thresholds(msgspec.Struct, frozen=True):
    """Probabilities from which a risk level starts, and the alert budget each was chosen for.

    Attributes
    ----------
    medium, high, critical : float
        Ascending.
    alerts_per_10000_a_month : dict of str to float
        Drives of 10,000 that reach the level for the first time within 30 days, on the validation period.
    """

    medium: float
    high: float
    critical: float
    alerts_per_10000_a_month: dict[str, float] = {}


class GoldenRow(msgspec.Struct, frozen=True):
    """A row of features and the probability that was recorded for it when the model was made."""

    features: list[float | None]
    probability: float


class Histogram(msgspec.Struct, frozen=True):
    """Distribution of one feature in the training data, for drift: counts between edges, missing values."""

    edges: list[float]
    counts: list[int]
    missing: int


class Manifest(msgspec.Struct, frozen=True):
    """Everything serving needs to know about a model version.

    Attributes
    ----------
    format : int
        `MANIFEST_FORMAT`.
    horizon_days : int
        The probability is that of a failure within this many days after the row's date.
    features : list of Feature
        In the order of the model's input.
    evidence : list of int
        SMART attributes that speak about failure. A drive that reports none of them gets the risk
        ``unknown``.
    base_rate : float
        Share of drive-days in the evaluation's test period that were followed by a failure within the
        horizon.
    metrics : dict
        Headline figures with their protocol; the whole evaluation is in ``evaluation.json``.
    lineage : dict
        The training data: sources with digests, dates, rows, drives, failures.
    libraries : dict of str to str
        Versions it was made with.
    files : dict of str to str
        sha256 of every file of the version but the manifest.
    histograms : dict of str to Histogram
        By feature name.
    """

    format: int
    version: str
    algorithm: str
    horizon_days: int
    features: list[Feature]
    evidence: list[int]
    thresholds: Thresholds
    base_rate: float
    metrics: dict[str, Any]
    lineage: dict[str, Any]
    libraries: dict[str, str]
    files: dict[str, str]
    golden: list[GoldenRow]
    histograms: dict[str, Histogram] = {}


class Registry(msgspec.Struct):
    """The versions, in the order they were registered, and the version of each alias.

    The alias ``champion`` answers requests, ``challenger`` is scored beside it.
    """

    versions: list[str]
    aliases: dict[str, str]

    def resolve(self, name: str) -> str:
        """Return the version an alias or a version's own name stands for; ModelError when there is none."""
        version = self.aliases.get(name, name)
        if version not in self.versions:
            known = ", ".join([*self.aliases, *self.versions]) or "none"
            msg = f"There is no model {name!r} in the registry; it has: {known}."
            raise ModelError(msg)
        return version


class _Format(msgspec.Struct):
    format: int


def _read[T](path: Path, kind: type[T]) -> T:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        msg = f"{path.parent.name}/{path.name} is missing; restore the models folder, or train a model."
        raise ModelError(msg) from None
    except OSError as error:
        msg = f"{path.parent.name}/{path.name} cannot be read: {error.strerror}."
        raise ModelError(msg) from error
    return _parsed(content, kind, f"{path.parent.name}/{path.name}")


def _parsed[T](content: bytes, kind: type[T], name: str) -> T:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        msg = f"{name} cannot be read: {error}. Restore the file."
        raise ModelError(msg) from error


def parse_registry(content: bytes, name: str) -> Registry:
    """Read a registry that is kept elsewhere than in a folder; `name` says where, for the `ModelError`."""
    return _parsed(content, Registry, name)


def read_registry(models: Path) -> Registry:
    """Read ``registry.json`` of a models folder; raise `ModelError` when it is missing or broken."""
    return _read(models / REGISTRY_FILE, Registry)


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a version's folder; raise `ModelError` when it is missing, broken or too new."""
    # Before the rest, which in another format has another shape.
    found = _read(folder / MANIFEST_FILE, _Format).format
    if found != MANIFEST_FORMAT:
        msg = (
            f"Model {folder.name} has manifest format {found}, "
            f"this app reads {MANIFEST_FORMAT}. "
            "Deploy an app of the version that trained it, or train it again."
        )
        raise ModelError(msg)
    manifest = _read(folder / MANIFEST_FILE, Manifest)
    if manifest.version != folder.name:
        msg = f"The manifest in {folder.name} is that of {manifest.version}; restore the version's own files."
        raise ModelError(msg)
    unknown = sorted({feature.attribute for feature in manifest.features} - ATTRIBUTES.keys())
    if unknown:
        msg = (
            f"Model {manifest.version} uses SMART attributes this app cannot decode: {unknown}. "
            "Deploy a newer app."
        )
        raise ModelError(msg)
    return manifest
