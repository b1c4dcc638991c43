"""What an earlier release registered, and how it is brought up to this one."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest

from functions.scoring.model.manifest import read_manifest, read_registry
from functions.scoring.model.onnx_model import Model
from tests.support.model_container import ModelContainer
from tests.support.running_app import PROJECT, RunningAzurite
from training.__main__ import main

MODELS = PROJECT / "models"


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """The shipped versions as the release before digests wrote them."""
    models = tmp_path / "models"
    shutil.copytree(MODELS, models)
    registry = json.loads((models / "registry.json").read_bytes())
    del registry["manifests"]
    (models / "registry.json").write_text(json.dumps(registry))
    for version in registry["versions"]:
        path = models / version / "manifest.json"
        manifest = json.loads(path.read_bytes())
        for row in manifest["golden"]:
            del row["telemetry"]
        path.write_text(json.dumps(manifest))
    return models


def test_the_shipped_versions_are_what_an_upgrade_gives(earlier: Path) -> None:
    assert main(["upgrade", "--models", str(earlier)]) == 0
    for path in (path for path in MODELS.rglob("*") if path.is_file()):
        assert (earlier / path.relative_to(MODELS)).read_bytes() == path.read_bytes(), path


def test_what_has_a_digest_never_changes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    models = Path(shutil.copytree(MODELS, tmp_path / "models"))
    assert main(["upgrade", "--models", str(models)]) == 0
    assert not re.search(r"\bv\d", capsys.readouterr().out)


def test_in_a_container(earlier: Path, azurite: RunningAzurite, model_container: ModelContainer) -> None:
    for path in (path for path in earlier.rglob("*") if path.is_file()):
        model_container.put(path.relative_to(earlier).as_posix(), path.read_bytes())
    storage = ["--storage", azurite.connection_string]
    assert main(["upgrade", *storage]) == 0
    for name in ("registry.json", "v1/manifest.json", "v3/manifest.json"):
        assert model_container.get(name) == (MODELS / name).read_bytes()
    assert main(["publish", "v3", "--models", str(MODELS), *storage]) == 0


@pytest.mark.parametrize("version", read_registry(MODELS).versions)
def test_shipped_golden_rows_begin_at_telemetry(version: str) -> None:
    manifest = read_manifest(MODELS / version)
    assert all(row.telemetry is not None for row in manifest.golden)
    content = (MODELS / version / "manifest.json").read_bytes()
    assert read_registry(MODELS).manifests[version] == hashlib.sha256(content).hexdigest()
    assert Model.load(MODELS, version).version == version
