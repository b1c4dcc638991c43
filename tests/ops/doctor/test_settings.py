from __future__ import annotations

import json
from pathlib import Path

import pytest

from ops.app.target import Target
from ops.doctor.settings import IGNORED_BY_FLEX, check_settings
from ops.errors import OpsError
from tests.ops.conftest import ReplayCli
from tests.ops.doctor.hand_written_answers import SETTINGS
from tests.support.running_app import PROJECT


def local(tmp_path: Path, **values: str) -> Target:
    (tmp_path / "local.settings.json").write_text(json.dumps({"Values": values}))
    return Target(folder=tmp_path)


def azure(replay_cli: ReplayCli, changes: dict[str, str | None]) -> Target:
    values = {name: value for name, value in {**SETTINGS, **changes}.items() if value is not None}
    listed = [{"name": name, "value": value} for name, value in values.items()]
    replay_cli({"functionapp config appsettings list": listed})
    return Target(app="drivecast", resource_group="rg")


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AzureWebJobsStorage", "SCORE_THREADS"):
        monkeypatch.delenv(name, raising=False)


def test_the_example_settings_are_complete() -> None:
    found = check_settings(Target(folder=PROJECT))
    assert found.state == "ok", found


def test_a_value_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    found = check_settings(local(tmp_path, AzureWebJobsStorage="x", SCORE_THREADS="many"))
    assert found.state == "failed"
    assert "SCORE_THREADS is 'many'" in found.message


def test_no_storage_account(tmp_path: Path) -> None:
    assert check_settings(local(tmp_path)).message.startswith("AzureWebJobsStorage ")


def test_unreadable_local_settings(tmp_path: Path) -> None:
    (tmp_path / "local.settings.json").write_text("{")
    with pytest.raises(OpsError, match=r"local\.settings\.json"):
        check_settings(Target(folder=tmp_path))


def test_settings_in_azure(replay_cli: ReplayCli) -> None:
    assert check_settings(azure(replay_cli, {})).state == "ok"


@pytest.mark.parametrize(
    ("name", "value", "reported"),
    [
        ("AzureWebJobsStorage__clientId", None, "AzureWebJobsStorage__clientId "),
        ("APPLICATIONINSIGHTS_CONNECTION_STRING", "", "APPLICATIONINSIGHTS_CONNECTION_STRING "),
        ("BLOB_TRIGGER_SOURCE", "LogsAndContainerScan", "BLOB_TRIGGER_SOURCE "),
        ("AzureWebJobsStorage", "AccountKey=secret", "AzureWebJobsStorage "),
        (IGNORED_BY_FLEX[0], "python", f"{IGNORED_BY_FLEX[0]} is set"),
        ("SCORE_THREADS", "0", "SCORE_THREADS is '0'"),
    ],
)
def test_a_wrong_setting_in_azure(replay_cli: ReplayCli, name: str, value: str | None, reported: str) -> None:
    found = check_settings(azure(replay_cli, {name: value}))
    assert found.state == "failed"
    assert reported in found.message
    assert "secret" not in found.message
    assert found.todo
