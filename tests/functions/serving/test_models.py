"""The models of the package; those of the container are in test_container_models.py."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.errors import ModelError
from functions.serving import models as serving
from functions.settings import settings
from functions.storage.errors import RegistryMissingError
from tests.support.model_container import ModelContainer
from tests.support.running_app import PROJECT, RunningAzurite

REGISTRY = '{"versions": ["v1", "v2"], "aliases": {%s}}'


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Settings and models as in a process that has not read them yet; forgotten again afterwards."""
    forget()
    yield monkeypatch
    monkeypatch.undo()
    forget()


def forget() -> None:
    for remembered in (settings, serving._package, serving._container):
        remembered.cache_clear()


@pytest.fixture
def models(small_models: Path, tmp_path: Path, fresh: pytest.MonkeyPatch) -> Path:
    """A package's folder with v1 and v2, and no registry yet."""
    folder = tmp_path / "models"
    folder.mkdir()
    for version in ("v1", "v2"):
        (folder / version).symlink_to(small_models / version)
    fresh.setenv("MODELS_FOLDER", str(folder))
    return folder


def write(models: Path, aliases: str) -> None:
    (models / "registry.json").write_text(REGISTRY % aliases)


def test_the_champion_answers_and_the_challenger_is_beside_it(models: Path) -> None:
    write(models, '"champion": "v2", "challenger": "v1"')
    assert serving.scorer().model.version == "v2"
    challenger = serving.newest().challenger()
    assert challenger is not None
    assert challenger.model.version == "v1"
    assert serving.aliases() == {"champion": "v2", "challenger": "v1"}
    assert serving.scorer() is serving.scorer()
    assert serving.newest().challenger() is challenger


@pytest.mark.parametrize("aliases", ['"champion": "v2"', '"champion": "v2", "challenger": "v2"'])
def test_no_challenger(models: Path, aliases: str) -> None:
    write(models, aliases)
    assert serving.newest().challenger() is None


def test_the_challenger_may_be_the_one_that_the_setting_makes_answer(
    models: Path, fresh: pytest.MonkeyPatch
) -> None:
    fresh.setenv("MODEL", "v1")
    write(models, '"champion": "v2", "challenger": "v1"')
    assert serving.scorer().model.version == "v1"
    assert serving.newest().challenger() is None


@pytest.mark.parametrize("challenger", ["v9", "v1"])
def test_a_challenger_that_cannot_be_loaded_is_logged_and_none(
    models: Path, challenger: str, caplog: pytest.LogCaptureFixture
) -> None:
    if challenger == "v1":
        (models / "v1").unlink()
    write(models, f'"champion": "v2", "challenger": "{challenger}"')
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            assert serving.newest().challenger() is None
    assert caplog.text.count(f"challenger {challenger} is not asked") == 1
    assert serving.scorer().model.version == "v2"


def baseline() -> str | None:
    found = serving.baseline()
    return None if found is None else found.model.version


@pytest.mark.parametrize(
    ("aliases", "expected"),
    [
        ('"champion": "v2"', "v1"),
        ('"champion": "v1"', None),
        ('"champion": "v1", "baseline": "v2"', "v2"),
        ('"champion": "v2", "challenger": "v1", "baseline": "v1"', "v1"),
        ('"champion": "v2", "baseline": "v9"', None),
    ],
)
def test_the_baseline_is_the_first_version_unless_an_alias_says_otherwise(
    models: Path, aliases: str, expected: str | None
) -> None:
    write(models, aliases)
    assert baseline() == expected
    assert serving.baseline() is serving.baseline()


def test_a_baseline_that_is_also_the_challenger_is_loaded_once(models: Path) -> None:
    write(models, '"champion": "v2", "challenger": "v1", "baseline": "v1"')
    assert serving.newest().challenger() is serving.baseline() is not None


@pytest.mark.parametrize("file", ["model.onnx", "explainer.npz"])
def test_a_damaged_baseline_is_logged_once_and_left_out(
    models: Path, small_models: Path, file: str, caplog: pytest.LogCaptureFixture
) -> None:
    (models / "v1").unlink()
    shutil.copytree(small_models / "v1", models / "v1")
    (models / "v1" / file).write_bytes(b"damaged")
    write(models, '"champion": "v2"')
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            assert baseline() is None
    assert caplog.text.count("baseline v1 is not asked") == 1


def test_a_version_by_its_name(models: Path) -> None:
    write(models, '"champion": "v2"')
    assert serving.scorer_of("v2") is serving.scorer()
    other = serving.scorer_of("v1")
    assert other.model.version == "v1"
    assert serving.scorer_of("v1") is other
    with pytest.raises(ModelError, match="'v9'"):
        serving.scorer_of("v9")


def test_what_is_returned_is_the_callers_own(models: Path) -> None:
    write(models, '"champion": "v2"')
    serving.aliases()["champion"] = "v1"
    assert serving.aliases() == {"champion": "v2"}


def test_a_failure_is_not_remembered(models: Path) -> None:
    for ask in (serving.scorer, serving.newest, serving.aliases):
        with pytest.raises(ModelError, match=r"registry\.json"):
            ask()
    write(models, '"champion": "v2"')
    assert serving.scorer().model.version == "v2"


def test_the_container_by_setting(
    fresh: pytest.MonkeyPatch, azurite: RunningAzurite, model_container: ModelContainer, small_models: Path
) -> None:
    from functions.storage import accounts

    fresh.setattr(accounts, "_clients", {})
    fresh.setenv("AzureWebJobsStorage", azurite.connection_string)
    fresh.setenv("MODELS_SOURCE", "container")
    fresh.setenv("MODELS_FOLDER", "nowhere")
    # No other model answers in its place.
    with pytest.raises(RegistryMissingError):
        serving.scorer()
    model_container.upload(small_models, "v1", "v2")
    model_container.registry(["v1", "v2"], champion="v1", challenger="v2")
    assert serving.scorer().model.version == "v1"
    challenger = serving.newest().challenger()
    assert challenger is not None
    assert challenger.model.version == "v2"
    assert serving.aliases() == {"champion": "v1", "challenger": "v2"}


def test_a_packaged_model_is_served_without_the_storage_client(small_models: Path) -> None:
    program = (
        "import sys; from functions.serving.models import newest; newest().challenger(); "
        "print([name for name in sys.modules if name.startswith(('azure', 'tempfile'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env={"MODELS_FOLDER": str(small_models)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]", done.stdout
