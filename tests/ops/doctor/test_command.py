"""``python -m ops doctor`` against the real app under devhost; against Azure by hand-written answers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ops.__main__ import main
from ops.doctor.checks import CHECKS
from tests.ops.conftest import ReplayCli
from tests.ops.doctor.hand_written_answers import CONTAINERS, KEY, healthy
from tests.support.running_app import PROJECT, RunningApp, RunningAzurite


def states(out: str) -> dict[str, str]:
    """Read the state of each check from what was printed."""
    names = {check.name for check in CHECKS}
    found = {}
    for line in out.splitlines():
        name, _, rest = line.partition("  ")
        if name.strip() in names:
            found[name.strip()] = rest.strip().partition("  ")[0]
    return found


def cleaned(azurite: RunningAzurite) -> RunningAzurite:
    """Make the containers that infra makes, and remove what other tests left in them."""
    for name in CONTAINERS:
        container = azurite.blobs.get_container_client(name)
        if container.exists():
            for blob in list(container.list_blob_names()):
                container.delete_blob(blob)
        else:
            container.create_container()
    return azurite


@pytest.fixture
def clean(account: RunningAzurite) -> RunningAzurite:
    return cleaned(account)


@pytest.fixture
def clean_app(app_account: RunningAzurite) -> RunningAzurite:
    return cleaned(app_account)


@pytest.mark.slow
def test_a_healthy_app_on_this_machine(
    ops_app: RunningApp,
    clean_app: RunningAzurite,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(PROJECT)
    code = main(["doctor", "--url", ops_app.base_url])
    shown = capsys.readouterr()
    assert code == 0, shown.out + shown.err
    found = states(shown.out)
    assert found.keys() == {check.name for check in CHECKS}
    here = {
        "settings",
        "clock",
        "storage",
        "containers",
        "app",
        "functions",
        "webhook",
        "last-file",
        "unfinished-files",
        "poison",
    }
    assert {name for name, state in found.items() if state == "ok"} == here | {"model"}
    assert set(found.values()) == {"ok", "does not apply"}


@pytest.mark.slow
def test_a_healthy_app_in_azure_by_hand_written_answers(
    ops_app: RunningApp,
    clean_app: RunningAzurite,
    replay_cli: ReplayCli,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(PROJECT)
    folder = replay_cli(healthy(ops_app.base_url))
    arguments = ["--app", "drivecast", "--resource-group", "rg-drivecast", "--url", ops_app.base_url]
    code = main(["doctor", *arguments])
    shown = capsys.readouterr()
    assert code == 0, shown.out + shown.err
    assert states(shown.out) == {check.name: "ok" for check in CHECKS}
    for secret in (KEY, "function-key-of-the-tests", "master-key-of-the-tests", "AccountKey"):
        assert secret not in shown.out + shown.err
        assert secret not in (folder / "asked.txt").read_text()


@pytest.mark.slow
def test_broken_links_in_azure_are_named_and_what_builds_on_them_is_not_checked(
    ops_app: RunningApp,
    clean_app: RunningAzurite,
    replay_cli: ReplayCli,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(PROJECT)
    answers = healthy(ops_app.base_url)
    answers["functionapp keys list"]["systemKeys"] = {}
    answers["eventgrid system-topic list"] = []
    answers["role assignment list"].pop()
    replay_cli(answers)
    arguments = ["--app", "drivecast", "--resource-group", "rg-drivecast", "--url", ops_app.base_url]
    assert main(["doctor", *arguments]) == 1
    shown = capsys.readouterr()
    found = states(shown.out)
    assert {name for name, state in found.items() if state == "failed"} == {
        "roles",
        "webhook-key",
        "system-topic",
    }
    assert {name for name, state in found.items() if state == "not checked"} == {
        "webhook",
        "subscription",
        "last-event",
    }
    assert shown.out.count("-> ") == 3
    assert re.search(r"^error: 3 of 17 .*: roles, webhook-key, system-topic; 3 ", shown.err, re.MULTILINE)


def test_nothing_runs(
    clean: RunningAzurite,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(PROJECT)
    assert main(["doctor", "--url", "http://127.0.0.1:9"]) == 1
    found = states(capsys.readouterr().out)
    assert found["app"] == "failed"
    assert {found[name] for name in ("functions", "webhook", "model")} == {"not checked"}
    assert found["storage"] == found["poison"] == "ok"


def test_an_app_elsewhere_has_to_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--url", "https://drivecast.azurewebsites.net"]) == 1
    assert re.search("--app.*--resource-group", capsys.readouterr().err)


def test_no_cli_is_told_by_each_check_that_wants_it(
    clean: RunningAzurite,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    arguments = ["--app", "a", "--resource-group", "b", "--url", "http://127.0.0.1:9"]
    assert main(["doctor", *arguments]) == 1
    shown = capsys.readouterr()
    assert " (az) " in shown.out
    assert states(shown.out)["settings"] == "failed"
