import hashlib
from pathlib import Path

import msgspec
import pytest

from functions.errors import ModelError
from functions.scoring.model.features import Feature
from functions.scoring.model.manifest import Registry, read_manifest, read_registry
from functions.scoring.smart import ATTRIBUTES


@pytest.fixture
def version(small_models: Path, tmp_path: Path) -> Path:
    """A folder v2 with a manifest that a test may spoil."""
    folder = tmp_path / "v2"
    folder.mkdir()
    (folder / "manifest.json").write_bytes((small_models / "v2" / "manifest.json").read_bytes())
    return folder


def change(folder: Path, **fields: object) -> None:
    path = folder / "manifest.json"
    path.write_bytes(msgspec.json.encode(msgspec.json.decode(path.read_bytes()) | fields))


def test_a_manifest(version: Path) -> None:
    manifest = read_manifest(version)
    assert manifest.version == "v2"
    assert manifest.features[0] == Feature(name="smart_5", attribute=5, kind="value")
    assert set(manifest.files) == {"model.onnx", "explainer.npz"}


def test_a_missing_manifest(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"^v7/manifest\.json "):
        read_manifest(tmp_path / "v7")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"format": "1"}'])
def test_a_broken_manifest(version: Path, content: bytes) -> None:
    (version / "manifest.json").write_bytes(content)
    with pytest.raises(ModelError, match=r"^v2/manifest\.json "):
        read_manifest(version)


def test_a_manifest_that_lacks_a_field(version: Path) -> None:
    (version / "manifest.json").write_bytes(b'{"format": 1}')
    with pytest.raises(ModelError, match="`version`"):
        read_manifest(version)


def test_another_format_is_said_even_where_the_rest_has_another_shape(version: Path) -> None:
    (version / "manifest.json").write_bytes(b'{"format": 3, "features": {}}')
    with pytest.raises(ModelError, match=r"\bv2\b.* format 3\b.*1 to 2"):
        read_manifest(version)


def test_the_manifest_of_another_version(version: Path) -> None:
    change(version, version="v9")
    with pytest.raises(ModelError, match=r"\bv2\b.*\bv9\b"):
        read_manifest(version)


def test_an_attribute_nobody_can_decode(version: Path) -> None:
    assert 250 not in ATTRIBUTES
    change(version, features=[{"name": "x", "attribute": 250, "kind": "value"}])
    with pytest.raises(ModelError, match=r"\[250\]"):
        read_manifest(version)


LEVELS = {"medium": 0.1, "high": 0.2, "critical": 0.5}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"horizon_days": 0}, "horizon_days"),
        ({"horizon_days": 9999}, "horizon_days"),
        ({"thresholds": {"medium": -1, "high": -1, "critical": -1}}, "thresholds"),
        ({"thresholds": {"medium": 0.3, "high": 0.2, "critical": 0.5}}, "thresholds"),
        ({"thresholds": {"medium": 0.1, "high": 0.2, "critical": 1.5}}, "thresholds"),
        ({"similar": {"calibration": {"scale": 0}, "thresholds": LEVELS}}, "similar"),
        ({"similar": {"calibration": {}, "thresholds": {**LEVELS, "medium": 0.9}}}, "similar"),
        ({"stand_ins": {"197": 9999}}, "stand_ins"),
        ({"stand_ins": {"197": 198, "198": 5}}, "stand_ins"),
        ({"evidence": []}, "evidence"),
        ({"evidence": [5, 9]}, "evidence"),
        ({"features": []}, "features"),
        ({"features": [{"name": "smart_5", "attribute": 5, "kind": "value"}] * 2}, "features"),
        ({"golden": []}, "golden"),
        ({"golden": [{"features": [1.0], "probability": 0.5}]}, "golden"),
    ],
)
def test_what_no_model_can_be_asked_by(version: Path, fields: dict[str, object], field: str) -> None:
    change(version, **fields)
    with pytest.raises(ModelError, match=rf"\bv2\b.* {field};"):
        read_manifest(version)


def test_a_window_nobody_keeps(version: Path) -> None:
    feature = {"name": "x", "attribute": 5, "kind": "change", "window": 14}
    change(version, features=[feature], golden=[{"features": [1.0], "probability": 0.5}], evidence=[5])
    with pytest.raises(ModelError, match=r"\[14\].* features; .*\[7, 28\]"):
        read_manifest(version)


def test_a_manifest_that_is_not_the_registered_one(version: Path) -> None:
    content = (version / "manifest.json").read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    assert read_manifest(version, digest).version == "v2"
    (version / "manifest.json").write_bytes(content.replace(b"small model", b"other model"))
    with pytest.raises(ModelError, match=rf"v2/manifest\.json .*sha256 .*registry\.json .*{digest}"):
        read_manifest(version, digest)


def test_aliases_and_versions() -> None:
    registry = Registry(["v1", "v2"], {"champion": "v2", "lost": "v0"})
    assert registry.resolve("champion") == "v2"
    assert registry.resolve("v1") == "v1"
    for name in ("v3", "lost", ""):
        with pytest.raises(ModelError, match=r"champion, lost, v1, v2\."):
            registry.resolve(name)


def test_an_empty_registry() -> None:
    with pytest.raises(ModelError, match="'champion'"):
        Registry([], {}).resolve("champion")


def test_a_models_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("")
    with pytest.raises(ModelError, match=r"models/registry\.json .*Not a directory"):
        read_registry(tmp_path / "models")
