import hashlib
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from functions.errors import ModelError
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Scorer
from tests.support.small_model import FEATURES, training_rows


@pytest.fixture
def models(small_models: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(small_models, tmp_path / "models"))


def change_manifest(models: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change what training would have written, the registry's digest included."""
    path = models / "v2" / "manifest.json"
    document = msgspec.json.decode(path.read_bytes())
    change(document)
    path.write_bytes(msgspec.json.encode(document))
    registry = msgspec.json.decode((models / "registry.json").read_bytes())
    registry["manifests"]["v2"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (models / "registry.json").write_bytes(msgspec.json.encode(registry))


def test_the_champion_and_a_named_version(small_models: Path) -> None:
    assert Model.load(small_models).version == "v2"
    assert Model.load(small_models, "v1").version == "v1"
    assert Model.load(small_models, "previous").version == "v1"


def test_predictions(small_models: Path) -> None:
    model = Model.load(small_models)
    rows = training_rows()[0][:100]
    log_odds, probability = model.predict(rows)
    assert log_odds.shape == probability.shape == (100,)
    np.testing.assert_allclose(probability, 1 / (1 + np.exp(-log_odds.astype(float))), atol=1e-6)
    one_by_one = [float(model.predict(row[np.newaxis])[1][0]) for row in rows]
    np.testing.assert_array_equal(probability, np.array(one_by_one, dtype=np.float32))


def test_no_rows(small_models: Path) -> None:
    log_odds, probability = Model.load(small_models).predict(np.zeros((0, len(FEATURES)), dtype=np.float32))
    assert log_odds.shape == probability.shape == (0,)


def test_no_models_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"^none/registry\.json "):
        Model.load(tmp_path / "none")


def test_an_unknown_alias(small_models: Path) -> None:
    with pytest.raises(ModelError, match=r"'challenger'.*\bchampion\b"):
        Model.load(small_models, "challenger")


@pytest.mark.parametrize("name", ["model.onnx", "explainer.npz"])
def test_a_missing_file(models: Path, name: str) -> None:
    (models / "v2" / name).unlink()
    with pytest.raises(ModelError, match=rf"\bv2\b.*\b{re.escape(name)}"):
        Model.load(models)


def test_a_folder_in_place_of_a_file(models: Path) -> None:
    (models / "v2" / "model.onnx").unlink()
    (models / "v2" / "model.onnx").mkdir()
    with pytest.raises(ModelError, match=r"^model\.onnx .*\bv2\b.*Is a directory"):
        Model.load(models)


def test_a_changed_manifest(models: Path) -> None:
    path = models / "v2" / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'"horizon_days": 30', b'"horizon_days": 31'))
    with pytest.raises(ModelError, match=r"v2/manifest\.json .*sha256 .*registry\.json"):
        Model.load(models)


def test_a_registry_of_an_earlier_release_has_no_digests(models: Path) -> None:
    registry = msgspec.json.decode((models / "registry.json").read_bytes())
    del registry["manifests"]
    (models / "registry.json").write_bytes(msgspec.json.encode(registry))
    assert Model.load(models).version == "v2"


def test_features_in_another_order(models: Path) -> None:
    def reverse(manifest: dict[str, Any]) -> None:
        manifest["features"].reverse()

    change_manifest(models, reverse)
    with pytest.raises(ModelError, match=r"golden row \d+ .*\bv2\b"):
        Model.load(models)


def test_telemetry_that_is_decoded_otherwise(models: Path) -> None:
    def other_drives(manifest: dict[str, Any]) -> None:
        for row in manifest["golden"]:
            row["telemetry"]["now"]["smart_5_raw"] = 2**16 + 1
            row["telemetry"]["model"] = "CT500MX500SSD1"

    change_manifest(models, other_drives)
    with pytest.raises(ModelError, match=r"\b65537\.0 .*\bsmart_5\b"):
        Model.load(models)


def test_golden_rows_that_begin_at_features(models: Path) -> None:
    """As manifests of earlier releases have them."""

    def without(manifest: dict[str, Any]) -> None:
        for row in manifest["golden"]:
            del row["telemetry"]

    change_manifest(models, without)
    assert Model.load(models).version == "v2"


def test_a_model_of_another_width(models: Path) -> None:
    def narrower(manifest: dict[str, Any]) -> None:
        manifest["features"].pop()
        for row in manifest["golden"]:
            row["features"].pop()

    change_manifest(models, narrower)
    with pytest.raises(ModelError, match=r"\bv2\b.*\b16\b.*\b15\b"):
        Model.load(models)


@pytest.mark.parametrize("name", ["model.onnx", "explainer.npz"])
def test_a_changed_byte(models: Path, name: str) -> None:
    path = models / "v2" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match=rf"^{re.escape(name)} .*\bv2\b.*sha256"):
        Model.load(models)


def test_an_explainer_that_is_damaged_before_its_first_use(models: Path) -> None:
    scorer = Scorer(Model.load(models))
    (models / "v2" / "explainer.npz").write_bytes(b"PK")
    with pytest.raises(ModelError, match=r"^explainer\.npz .*\bv2\b.*sha256 "):
        _ = scorer.explainer


def test_a_file_the_manifest_does_not_name(models: Path) -> None:
    change_manifest(models, lambda manifest: manifest["files"].pop("model.onnx"))
    with pytest.raises(ModelError, match=r"model\.onnx"):
        Model.load(models)


def test_a_golden_row_that_is_off(models: Path) -> None:
    def shift(manifest: dict[str, Any]) -> None:
        manifest["golden"][3]["probability"] += 1e-5

    change_manifest(models, shift)
    with pytest.raises(ModelError, match=r"\b1e-05\b.*\b1e-06\b"):
        Model.load(models)


def test_what_is_no_onnx(models: Path) -> None:
    (models / "v2" / "model.onnx").write_bytes(b"not a model")
    digest = hashlib.sha256(b"not a model").hexdigest()
    change_manifest(models, lambda manifest: manifest["files"].update({"model.onnx": digest}))
    with pytest.raises(ModelError, match=r"\bv2\b.*ONNX Runtime"):
        Model.load(models)
