"""A model version's manifest, the contract of training and serving; and the registry that names versions."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import msgspec

from functions.errors import NO_JSON, ModelError
from functions.scoring.model.features import WINDOWS, Feature
from functions.scoring.model.quality import ScopeQuality
from functions.scoring.smart import ATTRIBUTES

MANIFEST_FORMAT = 2
"""Raised when a reader of the old format could no longer serve a new manifest. Format 2 has stand-ins and a
calibration for similar drives, which an app that does not know them would leave out."""

READ_FORMATS = (1, 2)

MANIFEST_FILE = "manifest.json"
MODEL_FILE = "model.onnx"
EXPLAINER_FILE = "explainer.npz"
REGISTRY_FILE = "registry.json"

MAX_HORIZON_DAYS = 365
"""Longest horizon a model may have: what fails in a year was not foretold by today's counters."""

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


class GoldenTelemetry(msgspec.Struct, frozen=True):
    """The telemetry that a golden row begins with.

    Attributes
    ----------
    model : str
        The drive's model, which says how raw values are packed.
    now : dict of str to int
        Raw values by column of the telemetry.
    earlier : list of (int, dict of str to int)
        Age in days of earlier rows, and the same of each.
    """

    model: str
    now: dict[str, int]
    earlier: list[tuple[int, dict[str, int]]] = []


class GoldenRow(msgspec.Struct, frozen=True):
    """A row whose features and probability were recorded when the model was made.

    Attributes
    ----------
    features : list of float or None
        In the order of the model's input.
    telemetry : GoldenTelemetry or None
        Comes to these features; None in manifests written before golden rows began at telemetry.
    """

    features: list[float | None]
    probability: float
    telemetry: GoldenTelemetry | None = None


class Histogram(msgspec.Struct, frozen=True):
    """Distribution of one feature in the training data, for drift: counts between edges, missing values."""

    edges: list[float]
    counts: list[int]
    missing: int


class ScopeCalibration(msgspec.Struct, frozen=True):
    """Platt's sigmoid: log-odds = scale * log-odds of the model + offset."""

    scale: float = 1.0
    offset: float = 0.0


class SimilarDrives(msgspec.Struct, frozen=True):
    """How drives of the scope ``similar`` are answered: rotating drives of models that were not trained on.

    Attributes
    ----------
    calibration : ScopeCalibration
        On top of the model's own.
    histograms : dict of str to Histogram
        Their values where it was learned, by feature name, for drift.
    """

    calibration: ScopeCalibration
    thresholds: Thresholds
    quality: ScopeQuality | None = None
    histograms: dict[str, Histogram] = {}


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
    title : str
        The model in a few words; ``algorithm`` says how it is made. Empty in format 1.
    drive_models : list of str
        Drive models whose failures it was trained on: the scope ``trained``.
    stand_ins : dict of int to int
        For a SMART attribute that a drive does not report, the one whose value is taken.
    quality : ScopeQuality or None
        Of the drives of scope ``trained``, at the thresholds served.
    similar : SimilarDrives or None
        None where nothing was learned about other drives: they get the model's own calibration.
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
    title: str = ""
    drive_models: list[str] = []
    stand_ins: dict[int, int] = {}
    quality: ScopeQuality | None = None
    similar: SimilarDrives | None = None


class Registry(msgspec.Struct):
    """The versions, in the order they were registered, and the version of each alias.

    The alias ``champion`` answers requests, ``challenger`` is scored beside it. ``manifests`` has the sha256
    of every version's manifest, which has those of its other files; registries of earlier releases have none.
    """

    versions: list[str]
    aliases: dict[str, str]
    manifests: dict[str, str] = {}

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


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        msg = f"{path.parent.name}/{path.name} is missing; restore the models folder, or train a model."
        raise ModelError(msg) from None
    except OSError as error:
        msg = f"{path.parent.name}/{path.name} cannot be read: {error.strerror}."
        raise ModelError(msg) from error


def _parse[T](content: bytes, kind: type[T], name: str) -> T:
    try:
        return msgspec.json.decode(content, type=kind)
    except NO_JSON as error:
        msg = f"{name} cannot be read: {error}. Restore the file."
        raise ModelError(msg) from error


def parse_registry(content: bytes, name: str) -> Registry:
    """Read a registry that is kept elsewhere than in a folder; `name` says where, for the `ModelError`."""
    return _parse(content, Registry, name)


def read_registry(models: Path) -> Registry:
    """Read ``registry.json`` of a models folder; raise `ModelError` when it is missing or broken."""
    return parse_registry(_bytes(models / REGISTRY_FILE), f"{models.name}/{REGISTRY_FILE}")


def manifest_digest(content: bytes) -> str:
    """Return what a registry records of a manifest: its sha256."""
    return hashlib.sha256(content).hexdigest()


def read_manifest(folder: Path, digest: str | None = None) -> Manifest:
    """Read the manifest of a version's folder.

    Parameters
    ----------
    digest : str, optional
        sha256 that the registry records; None where it records none.

    Raises
    ------
    ModelError
        It is missing, broken, too new or not the one that was registered, or what it says cannot be.
    """
    content, name = _bytes(folder / MANIFEST_FILE), f"{folder.name}/{MANIFEST_FILE}"
    # Before the rest, which in another format has another shape.
    found = _parse(content, _Format, name).format
    if found not in READ_FORMATS:
        msg = (
            f"Model {folder.name} has manifest format {found}, "
            f"this app reads {READ_FORMATS[0]} to {READ_FORMATS[-1]}. "
            "Deploy an app of the version that trained it, or train it again."
        )
        raise ModelError(msg)
    manifest = _parse(content, Manifest, name)
    if digest is not None and manifest_digest(content) != digest:
        msg = (
            f"{name} has sha256 {manifest_digest(content)}, {REGISTRY_FILE} says {digest}. "
            "The file was changed or half-copied; restore the version."
        )
        raise ModelError(msg)
    if manifest.version != folder.name:
        msg = f"The manifest in {folder.name} is that of {manifest.version}; restore the version's own files."
        raise ModelError(msg)
    _check(manifest)
    return manifest


def _ascending(levels: Thresholds) -> bool:
    return 0 < levels.medium <= levels.high <= levels.critical <= 1


def _check(manifest: Manifest) -> None:
    """Raise `ModelError` where a manifest says something no model can be asked by."""
    features, golden, days = manifest.features, manifest.golden, manifest.horizon_days
    unknown = sorted({feature.attribute for feature in features} - ATTRIBUTES.keys())
    if unknown:
        msg = (
            f"Model {manifest.version} uses SMART attributes this app cannot decode: {unknown}. "
            "Deploy a newer app."
        )
        raise ModelError(msg)
    windows = sorted({feature.window for feature in features if feature.kind == "change"})
    kept = [window.days for window in WINDOWS]
    levels, similar, stand_ins = manifest.thresholds, manifest.similar, manifest.stand_ins
    strange = set(manifest.evidence) - {feature.attribute for feature in features}
    widths = {len(row.features) for row in golden} - {len(features)}
    for field, found, expected, holds in (
        ("features", "no feature", "one at least", bool(features)),
        ("features", "a name twice", "each once", len({each.name for each in features}) == len(features)),
        ("features", f"history windows of {windows} days", f"of {kept}", set(windows) <= set(kept)),
        ("horizon_days", days, f"1 to {MAX_HORIZON_DAYS}", 1 <= days <= MAX_HORIZON_DAYS),
        (
            "thresholds",
            f"{levels.medium:g}, {levels.high:g}, {levels.critical:g}",
            "probabilities above 0 that do not fall, from medium to critical",
            _ascending(levels),
        ),
        (
            "similar",
            "thresholds that fall, or a scale that is not positive",
            "probabilities above 0 from medium to critical, and a scale above 0",
            similar is None or (_ascending(similar.thresholds) and similar.calibration.scale > 0),
        ),
        (
            "stand_ins",
            stand_ins,
            "an attribute this app decodes for each, which has none itself",
            not set(stand_ins.values()) - (ATTRIBUTES.keys() - stand_ins.keys()),
        ),
        ("evidence", manifest.evidence, "attributes among the features'", manifest.evidence and not strange),
        ("golden", "no golden rows", "rows to check the model by", bool(golden)),
        ("golden", f"rows of {sorted(widths)} features", f"rows of {len(features)}", not widths),
    ):
        if not holds:
            msg = (
                f"The manifest of model {manifest.version} has {found} in {field}; expected {expected}. "
                "Restore the version, or train it again."
            )
            raise ModelError(msg)
