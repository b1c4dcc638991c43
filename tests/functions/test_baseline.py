"""Which model an explanation is compared with."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions import baseline as module
from functions.settings import read_settings


@pytest.fixture
def models(small_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "models"
    shutil.copytree(small_models, folder)
    chosen = read_settings({"MODELS_FOLDER": str(folder)})
    monkeypatch.setattr(module, "settings", lambda: chosen)
    module.baseline.cache_clear()
    yield folder
    module.baseline.cache_clear()


def version() -> str | None:
    found = module.baseline()
    return None if found is None else found.model.version


def test_the_first_version_unless_an_alias_says_otherwise(models: Path) -> None:
    assert version() == "v1"
    registry = json.loads((models / "registry.json").read_text())
    registry["aliases"]["baseline"] = "v2"
    (models / "registry.json").write_text(json.dumps(registry))
    module.baseline.cache_clear()
    assert version() == "v2"


def test_one_that_cannot_be_loaded_is_logged_and_left_out(
    models: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (models / "v1" / "model.onnx").write_bytes(b"damaged")
    assert version() is None
    assert "the baseline is not shown" in caplog.text


def test_no_models_at_all(models: Path) -> None:
    shutil.rmtree(models)
    assert version() is None
