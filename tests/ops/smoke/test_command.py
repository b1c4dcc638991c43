"""``python -m ops smoke`` against the real app under devhost."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from functions.scoring.model.manifest import read_registry
from ops.__main__ import main
from ops.smoke.recorded import of_version
from tests.ops.app.answering_app import answering, behind_entra_id
from tests.ops.app.test_target import BEHIND_ENTRA_ID, CLIENT_ID
from tests.ops.conftest import ReplayCli
from tests.ops.deploy.azure_answers import ANSWERS
from tests.ops.deploy.conftest import project
from tests.support.running_app import PROJECT, RunningApp, RunningAzurite

__all__ = ["project"]

PYTHON = """#!/bin/sh
# Runs ops of this project, with the addresses of stand-ins: Azure knows neither the app nor the account.
PYTHONPATH="{project}" exec "{python}" $(echo "$*" | sed 's/--account [a-z]*//') --url {url}
"""


@pytest.mark.slow
def test_a_healthy_app_passes(
    ops_app: RunningApp, app_account: RunningAzurite, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["smoke", "--url", ops_app.base_url, "--timeout", "60"])
    shown = capsys.readouterr()
    assert code == 0, shown.out + shown.err
    champion = read_registry(PROJECT / "models").resolve("champion")
    last = of_version(champion)[-1]
    for expected in (
        f"model {champion}",
        f"{last['serial_number']}: {float(last['probability']):.6f}",
        "3 rows through telemetry and predictions",
    ):
        assert expected in shown.out
    assert "failed" not in shown.out
    history = app_account.blobs.get_container_client("history")
    assert not list(history.list_blob_names(name_starts_with="2014-01-25/smoke/"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "settings", "code"),
    [
        ("deploy --step smoke", BEHIND_ENTRA_ID, 0),
        ("restore --code .", BEHIND_ENTRA_ID, 0),
        # As if nobody had looked whether Entra ID is there.
        ("deploy --step smoke", ANSWERS["resource show"], 1),
    ],
    ids=["deploy", "restore", "without a token"],
)
def test_deploy_and_restore_get_past_entra_id(
    words: str,
    settings: object,
    *,
    code: int,
    project: Path,
    replay_cli: ReplayCli,
    ops_app: RunningApp,
    app_account: RunningAzurite,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The app is real, and what stands before it answers 401 to whoever has no token."""
    keys = {"functionKeys": {"default": "the key"}}
    folder = replay_cli({**ANSWERS, "resource show": settings, "functionapp keys list": keys})
    monkeypatch.setenv("SMOKE_WAIT", "1")
    shutil.copy(PROJECT / "infra" / "hooks" / "smoke.sh", project / "infra" / "hooks")
    python = project / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    command, *options = words.split()
    with behind_entra_id(ops_app.base_url, "the token") as url:
        python.write_text(PYTHON.format(project=PROJECT, python=sys.executable, url=url))
        python.chmod(0o755)
        assert main([command, "--env", "test", "--yes", *options]) == code
    out, err = capfd.readouterr()
    asked = (folder / "asked.txt").read_text()
    if code:
        assert re.search(r"GET /api/ready .*\b401\b", err)
        return
    assert "3 rows " in out
    # Before the code is sent: a pipeline's sign-in does not last until the smoke test.
    signed_in, _, later = asked.partition(f"--resource {CLIENT_ID}")
    assert later
    assert ("config-zip" in later, "config-zip" in signed_in) == (command == "restore", False)


def test_what_builds_on_a_failed_step_is_not_tried(
    account: RunningAzurite, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["smoke", "--url", "http://127.0.0.1:9", "--timeout", "0.3"]) == 1
    shown = capsys.readouterr()
    assert shown.out.count("not tried") == 4
    assert re.search(
        "^error: 5 of 5 .*: health, ready, recorded values, prediction, file$", shown.err, re.MULTILINE
    )


def test_a_model_that_was_not_recorded(account: RunningAzurite, capsys: pytest.CaptureFixture[str]) -> None:
    answers = {"/api/health": (200, {"model_version": "v9"}), "/api/ready": (200, {"status": "ready"})}
    with answering(answers) as url:
        assert main(["smoke", "--url", url, "--timeout", "5"]) == 1
    shown = capsys.readouterr()
    assert "smoke --record" in shown.out
    assert re.search("^error: 3 of 5 .*: recorded values, prediction, file$", shown.err, re.MULTILINE)


def test_an_app_elsewhere_needs_its_account_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AzureWebJobsStorage", raising=False)
    monkeypatch.setattr("ops.app.target.Target.is_local", False)
    answers = {"/api/health": (200, {"model_version": "v2"}), "/api/ready": (200, {})}
    with answering(answers) as url:
        assert main(["smoke", "--url", url, "--timeout", "5"]) == 1
    assert "--storage" in capsys.readouterr().out


@pytest.mark.parametrize("seconds", ["0", "-1", "nan"])
def test_a_time_limit_of_nothing_is_refused(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["smoke", "--timeout", seconds]) == 1
    assert " 0 seconds" in capsys.readouterr().err
