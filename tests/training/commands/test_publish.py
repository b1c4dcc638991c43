"""publish, and the commands that act on an account's registry by ``--storage``."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

import msgspec
import pytest

from functions.scoring.model.manifest import Registry, parse_registry, read_manifest
from tests.support.model_container import ModelContainer
from tests.support.running_app import RunningAzurite, free_ports
from training.__main__ import main
from training.versions.folder_registry import register, write_version


@pytest.fixture
def models(small_models: Path, tmp_path: Path) -> Path:
    """v1 and v2 of the small models, with a card and a figure in v2 as training writes them."""
    folder = tmp_path / "models"
    shutil.copytree(small_models / "v1", folder / "v1")
    register(folder, "v1")
    manifest = read_manifest(small_models / "v2")
    files = {name: (small_models / "v2" / name).read_bytes() for name in manifest.files}
    write_version(folder, manifest, {**files, "card.md": b"# Model v2\n", "figures/roc.png": b"picture"})
    register(folder, "v2")
    return folder


@pytest.fixture
def storage(azurite: RunningAzurite, model_container: ModelContainer) -> list[str]:
    return ["--storage", azurite.connection_string]


def test_all_of_a_version_is_there_and_no_alias_points_to_it(
    models: Path, storage: list[str], model_container: ModelContainer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["publish", "v2", "--models", str(models), *storage]) == 0
    assert re.search(r"\b5 files\b.*\b0\b", capsys.readouterr().out)
    files = [path.relative_to(models) for path in (models / "v2").rglob("*") if path.is_file()]
    assert model_container.names() == sorted(["registry.json", *map(str, files)])
    for path in files:
        assert model_container.get(str(path)) == (models / path).read_bytes()
    digest = hashlib.sha256(model_container.get("v2/manifest.json")).hexdigest()
    assert parse_registry(model_container.get("registry.json"), "") == Registry(["v2"], {}, {"v2": digest})


def test_again_changes_nothing(
    models: Path, storage: list[str], model_container: ModelContainer, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["publish", "champion", "--models", str(models), *storage, "--alias", "champion"]
    assert main(command) == 0
    before = model_container.get("registry.json")
    assert main(command) == 0
    assert re.search(r"\b0 files\b.*\b5\b.*\bchampion\b", capsys.readouterr().out)
    assert model_container.get("registry.json") == before


def test_a_killed_upload_is_finished_by_the_next(
    models: Path, storage: list[str], model_container: ModelContainer
) -> None:
    model_container.put("v2/manifest.json", (models / "v2" / "manifest.json").read_bytes())
    model_container.put("v2/card.md", b"# Model v2\n")
    assert main(["publish", "v2", "--models", str(models), *storage]) == 0
    assert "v2/model.onnx" in model_container.names()


def test_another_model_of_the_same_name_is_refused_before_anything_is_mixed(
    models: Path, storage: list[str], model_container: ModelContainer, capsys: pytest.CaptureFixture[str]
) -> None:
    model_container.put("v2/manifest.json", b"{}")
    assert main(["publish", "v2", "--models", str(models), *storage]) == 1
    assert "v2" in capsys.readouterr().err
    assert model_container.names() == ["v2/manifest.json"]


@pytest.mark.parametrize("name", ["model.onnx", "card.md"])
@pytest.mark.parametrize("fault", ["missing", "damaged"])
def test_a_damaged_version_is_not_published(
    models: Path,
    storage: list[str],
    model_container: ModelContainer,
    capsys: pytest.CaptureFixture[str],
    name: str,
    fault: str,
) -> None:
    path = models / "v2" / name
    path.unlink() if fault == "missing" else path.write_bytes(b"half")
    assert main(["publish", "v2", "--models", str(models), *storage]) == 1
    said = capsys.readouterr().err
    assert name in said
    assert "v2" in said
    assert model_container.names() == []


def test_promote_rollback_list_and_card_of_an_account(
    models: Path, storage: list[str], model_container: ModelContainer, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = msgspec.json.decode((models / "registry.json").read_bytes())
    for version in ("v1", "v2"):
        assert main(["publish", version, "--models", str(models), *storage]) == 0
    assert main(["promote", "v1", *storage]) == 0
    assert main(["promote", "v2", *storage]) == 0
    assert model_container.aliases() == {"champion": "v2", "previous": "v1"}
    assert main(["rollback", *storage]) == 0
    assert model_container.aliases() == {"champion": "v1", "previous": "v2"}
    assert main(["promote", "v2", "--alias", "challenger", *storage]) == 0
    capsys.readouterr()
    assert main(["list", *storage]) == 0
    said = capsys.readouterr().out
    assert "champion" in said
    assert "challenger" in said
    assert main(["card", "v2", *storage]) == 0
    assert capsys.readouterr().out == "# Model v2\n"
    # The folder's own registry is another.
    assert msgspec.json.decode((models / "registry.json").read_bytes()) == folder


@pytest.mark.parametrize("command", ["promote v1", "rollback", "list", "card v1"])
def test_an_account_without_a_registry(
    command: str, storage: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command.split(), *storage]) == 1
    assert "registry.json" in capsys.readouterr().err


def test_one_place_at_a_time(storage: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["promote", "v1", "--models", "models", *storage]) == 2
    said = capsys.readouterr().err
    assert "--models" in said
    assert "AccountKey" not in said


@pytest.mark.slow
def test_an_account_that_does_not_answer(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    port = free_ports(1)[0]
    target = f"http://127.0.0.1:{port}/devstoreaccount1?sig=c2VjcmV0"
    assert main(["publish", "v2", "--models", str(models), "--storage", target]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert "c2VjcmV0" not in said
