"""What an earlier release registered, and how it is brought up to this one."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest

from functions.scoring.model.manifest import Registry, parse_registry, read_manifest, read_registry
from functions.scoring.model.onnx_model import Model
from tests.support.model_container import ModelContainer
from tests.support.running_app import PROJECT, RunningAzurite
from training.__main__ import main

MODELS = PROJECT / "models"


EARLIER = ["v1", "v2", "v3"]
"""The shipped versions that were there before digests were."""


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """The earlier versions as the release before digests wrote them."""
    models = tmp_path / "models"
    for version in EARLIER:
        shutil.copytree(MODELS / version, models / version)
    registry = {"versions": EARLIER, "aliases": {"champion": EARLIER[-1]}}
    (models / "registry.json").write_text(json.dumps(registry))
    for version in EARLIER:
        path = models / version / "manifest.json"
        manifest = json.loads(path.read_bytes())
        for row in manifest["golden"]:
            del row["telemetry"]
        path.write_text(json.dumps(manifest))
    return models


def test_the_shipped_versions_are_what_an_upgrade_gives(earlier: Path) -> None:
    assert main(["upgrade", "--models", str(earlier)]) == 0
    for path in (path for path in earlier.rglob("*") if path.is_file() and path.parent != earlier):
        assert (MODELS / path.relative_to(earlier)).read_bytes() == path.read_bytes(), path
    assert_digests(read_registry(earlier))


def assert_digests(registry: Registry) -> None:
    shipped = read_registry(MODELS).manifests
    assert registry.manifests == {version: shipped[version] for version in EARLIER}


def test_what_has_a_digest_never_changes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    models = Path(shutil.copytree(MODELS, tmp_path / "models"))
    assert main(["upgrade", "--models", str(models)]) == 0
    assert not re.search(r"\bv\d", capsys.readouterr().out)


def test_in_a_container(earlier: Path, azurite: RunningAzurite, model_container: ModelContainer) -> None:
    for path in (path for path in earlier.rglob("*") if path.is_file()):
        model_container.put(path.relative_to(earlier).as_posix(), path.read_bytes())
    storage = ["--storage", azurite.connection_string]
    assert main(["upgrade", *storage]) == 0
    for name in ("v1/manifest.json", "v3/manifest.json"):
        assert model_container.get(name) == (MODELS / name).read_bytes()
    assert_digests(parse_registry(model_container.get("registry.json"), "registry.json"))
    assert main(["publish", "v3", "--models", str(MODELS), *storage]) == 0


@pytest.mark.parametrize("version", read_registry(MODELS).versions)
def test_shipped_golden_rows_begin_at_telemetry(version: str) -> None:
    manifest = read_manifest(MODELS / version)
    assert all(row.telemetry is not None for row in manifest.golden)
    content = (MODELS / version / "manifest.json").read_bytes()
    assert read_registry(MODELS).manifests[version] == hashlib.sha256(content).hexdigest()
    assert Model.load(MODELS, version).version == version
