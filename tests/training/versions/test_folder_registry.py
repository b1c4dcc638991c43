from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from functions.errors import ModelError
from functions.scoring.model.manifest import MANIFEST_FORMAT, Manifest, Thresholds, read_registry
from functions.scoring.model.onnx_model import Model
from tests.training.made_fleet import random_matrix, training_rows
from training.fitting.feature_sets import SNAPSHOT
from training.fitting.members import fit_linear
from training.log_odds_model import LogOddsModel
from training.versions.explainer_file import explainer_arrays, explainer_bytes
from training.versions.export import to_onnx
from training.versions.folder_registry import VersionExistsError, refuse_existing, register, write_version
from training.versions.golden import golden_rows


@pytest.fixture(scope="module")
def version() -> tuple[Manifest, dict[str, bytes]]:
    model = LogOddsModel([fit_linear(training_rows(), SNAPSHOT)])
    content = to_onnx(model, len(SNAPSHOT))
    manifest = Manifest(
        format=MANIFEST_FORMAT,
        version="v1",
        algorithm="a test's",
        horizon_days=30,
        features=list(SNAPSHOT),
        evidence=[5],
        thresholds=Thresholds(0.1, 0.2, 0.3),
        base_rate=0.1,
        metrics={},
        lineage={},
        libraries={},
        files={},
        golden=golden_rows(model, content, SNAPSHOT, random_matrix(SNAPSHOT), 0),
    )
    files = {
        "model.onnx": content,
        "explainer.npz": explainer_bytes(explainer_arrays(model, SNAPSHOT)),
        "figures/roc.png": b"picture",
    }
    return manifest, files


def renamed(manifest: Manifest, name: str) -> Manifest:
    return msgspec.structs.replace(manifest, version=name)


def test_a_version_is_written_whole_and_serves(
    tmp_path: Path, version: tuple[Manifest, dict[str, bytes]]
) -> None:
    write_version(tmp_path / "models", *version)
    register(tmp_path / "models", "v1")
    model = Model.load(tmp_path / "models")
    assert model.version == "v1"
    assert set(model.manifest.files) == set(version[1])
    assert (tmp_path / "models" / "v1" / "figures" / "roc.png").read_bytes() == b"picture"


def test_a_version_never_changes(tmp_path: Path, version: tuple[Manifest, dict[str, bytes]]) -> None:
    write_version(tmp_path, *version)
    before = (tmp_path / "v1" / "manifest.json").read_bytes()
    with pytest.raises(VersionExistsError, match=r"\bv1\b"):
        write_version(tmp_path, *version)
    with pytest.raises(VersionExistsError):
        refuse_existing(tmp_path, "v1")
    assert (tmp_path / "v1" / "manifest.json").read_bytes() == before


@pytest.mark.parametrize("fault", ["model", "golden", "explainer"])
def test_a_version_that_does_not_serve_leaves_nothing_behind(
    tmp_path: Path, version: tuple[Manifest, dict[str, bytes]], fault: str
) -> None:
    manifest, files = version
    if fault == "model":
        files = {**files, "model.onnx": files["model.onnx"][:-40]}
    elif fault == "explainer":
        files = {name: content for name, content in files.items() if name != "explainer.npz"}
    else:
        wrong = [msgspec.structs.replace(row, probability=row.probability + 0.01) for row in manifest.golden]
        manifest = msgspec.structs.replace(manifest, golden=wrong)
    with pytest.raises(ModelError):
        write_version(tmp_path, manifest, files)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_on_the_way_leaves_nothing_behind(
    tmp_path: Path, version: tuple[Manifest, dict[str, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(OSError, match="Errno 28"):
        write_version(tmp_path, *version)
    assert list(tmp_path.iterdir()) == []


def test_the_champion_before_stays_reachable(
    tmp_path: Path, version: tuple[Manifest, dict[str, bytes]]
) -> None:
    manifest, files = version
    for name in ("v1", "v2"):
        write_version(tmp_path, renamed(manifest, name), files)
    register(tmp_path, "v1", alias=None)
    assert read_registry(tmp_path).aliases == {}
    register(tmp_path, "v1")
    register(tmp_path, "v2")
    registry = read_registry(tmp_path)
    assert registry.versions == ["v1", "v2"]
    assert set(registry.manifests) == {"v1", "v2"}
    assert registry.aliases == {"champion": "v2", "previous": "v1"}
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_golden_rows_span_the_probabilities_and_the_hard_cases(
    version: tuple[Manifest, dict[str, bytes]],
) -> None:
    golden = version[0].golden
    assert len(golden) >= 16
    assert all(row.telemetry is not None for row in golden)
    rows = np.array([[np.nan if v is None else v for v in row.features] for row in golden])
    assert np.isnan(rows).all(axis=1).any()
    assert (np.nan_to_num(rows) >= np.log1p(2.0**16 - 1)).all(axis=1).any()
    probability = np.array([row.probability for row in golden[:-2]])
    assert probability.max() > 5 * probability.min()


def test_spare_bits_of_golden_telemetry_are_set(version: tuple[Manifest, dict[str, bytes]]) -> None:
    raw = [row.telemetry.now.get("smart_5_raw", 0) for row in version[0].golden if row.telemetry]
    assert sum(value >= 2**16 for value in raw) > len(raw) // 2
