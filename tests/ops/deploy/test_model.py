"""Publishing and pointing back, against Azurite's container `models`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from functions.storage.containers import MODELS
from ops.app.storage_account import SETTING
from ops.app.target import Target
from ops.deploy import before, model
from ops.deploy.environment import Environment
from ops.errors import OpsError
from tests.ops.conftest import ReplayCli
from tests.ops.deploy.azure_answers import ANSWERS, NOT_DEPLOYED
from tests.support.running_app import RunningAzurite

CHAMPION = json.loads((Path(__file__).parents[3] / "models" / "registry.json").read_text())["aliases"][
    "champion"
]
FROM_CONTAINER = {"functionapp config appsettings list": [{"name": "MODELS_SOURCE", "value": "container"}]}


@pytest.fixture
def empty(ops_azurite: RunningAzurite, monkeypatch: pytest.MonkeyPatch) -> RunningAzurite:
    """An account whose container `models` is empty."""
    monkeypatch.setenv(SETTING, ops_azurite.connection_string)
    container = ops_azurite.blobs.get_container_client(MODELS)
    if not container.exists():
        container.create_container()
    for name in list(container.list_blob_names()):
        container.delete_blob(name)
    return ops_azurite


def test_publish_and_point_back(empty: RunningAzurite) -> None:
    target = Target()
    assert model.champion(target) is None
    model.publish(empty.connection_string)
    assert model.champion(target) == CHAMPION
    # What a deployment with another champion would leave behind, pointed back.
    registry = empty.blobs.get_blob_client(MODELS, model.REGISTRY)
    registry.upload_blob(
        registry.download_blob().readall().replace(f'"champion": "{CHAMPION}"'.encode(), b'"champion": "v0"'),
        overwrite=True,
    )
    assert model.champion(target) == "v0"
    model.promote(empty.connection_string, CHAMPION)
    assert model.champion(target) == CHAMPION


def test_a_version_that_is_not_there(empty: RunningAzurite, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(OpsError, match=r"^`python -m training promote` "):
        model.promote(empty.connection_string, "v99")
    assert "error:" in capfd.readouterr().err


def test_a_registry_that_cannot_be_read(empty: RunningAzurite) -> None:
    empty.blobs.get_blob_client(MODELS, model.REGISTRY).upload_blob(b"[")
    with pytest.raises(OpsError, match=r"registry\.json\b.*\bmodels\b"):
        model.champion(Target())


def test_before_is_written_and_read(empty: RunningAzurite, replay_cli: ReplayCli, tmp_path: Path) -> None:
    replay_cli({**ANSWERS, **FROM_CONTAINER})
    model.publish(empty.connection_string)
    environment, path = Environment("test"), tmp_path / "before.json"
    # The account is named by main.bicep's outputs; Azurite stands where it would be.
    patched = Target(app="func-drivecast-test", resource_group="rg-drivecast-test", cli=environment.cli)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Environment, "target", lambda _: patched)
        assert before.write(environment, path).champion == CHAMPION
    assert before.read(environment, path) == before.Before("test", CHAMPION)
    with pytest.raises(OpsError, match=r"\btest\b.*\bprod\b"):
        before.read(Environment("prod"), path)
    path.write_text("{}")
    with pytest.raises(OpsError, match="`python -m ops deploy --before`"):
        before.read(environment, path)


def test_before_the_first_deployment_there_is_nothing(replay_cli: ReplayCli, tmp_path: Path) -> None:
    replay_cli(NOT_DEPLOYED)
    assert before.write(Environment("test"), tmp_path / "before.json").champion is None


def test_models_of_the_package_have_no_champion_of_their_own(replay_cli: ReplayCli, tmp_path: Path) -> None:
    replay_cli(ANSWERS)
    assert before.write(Environment("test"), tmp_path / "before.json").champion is None


def test_an_azure_that_does_not_answer_is_not_an_environment_that_is_not_there(
    replay_cli: ReplayCli, tmp_path: Path
) -> None:
    replay_cli({"group list": {"error": "ERROR: Please run 'az login' to setup account."}})
    with pytest.raises(OpsError, match="`az login`"):
        before.write(Environment("test"), tmp_path / "before.json")
    assert not (tmp_path / "before.json").exists()
