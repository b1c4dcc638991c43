"""Sending the code while roles and keys are on their way.

What the CLI says is azure-cli 2.91's own wording (appservice/custom.py); of storage, a deployment's log
as people have reported it (Azure/azure-functions-core-tools issue 4346).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ops.__main__ import main
from ops.deploy import code, resources
from tests.ops.app.answering_app import answering
from tests.ops.conftest import ReplayCli
from tests.ops.deploy.azure_answers import ANSWERS, OUTPUTS, RESOURCES

pytestmark = pytest.mark.slow

SEND = "functionapp deployment source config-zip"
REFUSED = "ERROR: An error occured during deployment. Status Code: {}, Details: no"
STORAGE = (
    "ERROR: Zip deployment failed. {'id': '1', 'status': 3}. These are the deployment logs: "
    '[{"message": "Failed to upload because Azure Storage responded with Forbidden : Response status '
    "code does not indicate success: 403 (This request is not authorized to perform this operation using "
    'this permission.).."}]'
)
ROLE = (
    "ERROR: (AuthorizationFailed) The client 'a' with object id 'b' does not have authorization to perform "
    "action 'Microsoft.Web/sites/read' over scope '/subscriptions/1' or the scope is invalid."
)
UNHEALTHY = "ERROR: Deployment was successful but the app appears to be unhealthy. Please check the app logs."
NO_KEY = "ERROR: Failed to fetch host key to check for function app status"
NO_STATUS = "ERROR: Failed to retrieve deployment status. Please try again in a few minutes."
BUILD = (
    "ERROR: Zip deployment failed. {'id': '1', 'status': 3}. These are the deployment logs: "
    '[{"message": "ERROR: HTTP error 404 while getting https://pypi.org/simple/onnxruntim/"}]'
)


def sent(folder: Path) -> int:
    """Count how often the package was sent."""
    return sum(line.startswith(SEND) for line in (folder / "asked.txt").read_text().splitlines())


def deploy() -> int:
    return main(["deploy", "--env", "test", "--step", "code"])


@pytest.mark.parametrize(
    ("output", "what"),
    [
        *((REFUSED.format(status), "your role on the app") for status in (401, 403)),
        *((REFUSED.format(status), "the app to take in code") for status in (404, 502, 503, 504)),
        (STORAGE, "the app's role on its storage account"),
        (ROLE, "your role on the app"),
        (NO_STATUS, "the state of the deployment"),
        ("ERROR: Operation returned an invalid status 'Service Unavailable'", "the app's host to start"),
    ],
)
def test_what_may_come_by_itself_is_waited_for_and_told(
    output: str, what: str, project: Path, replay_cli: ReplayCli, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = replay_cli({**ANSWERS, SEND: ["in turn", {"error": output}, {"error": output}, {"status": 4}]})
    assert deploy() == 0
    assert sent(folder) == 3
    out = capsys.readouterr().out
    assert out.count(f"waiting for {what}, ") == 1
    assert "func-drivecast-test" in out


def test_waiting_has_an_end(
    project: Path,
    replay_cli: ReplayCli,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(code, "PATIENCE", 0.0)
    replay_cli({**ANSWERS, SEND: {"error": STORAGE}})
    assert deploy() == 1
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert "`make deploy ENV=test STEP=infra`" in err


@pytest.mark.parametrize("output", [BUILD, "ERROR: There may be an ongoing deployment."])
def test_what_does_not_mend_itself_is_told_at_once(
    output: str, project: Path, replay_cli: ReplayCli, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = replay_cli({**ANSWERS, SEND: {"error": output}})
    assert deploy() == 1
    assert sent(folder) == 1
    assert "waiting" not in capsys.readouterr().out


@pytest.mark.parametrize("output", [UNHEALTHY, NO_KEY])
def test_code_that_is_there_is_not_sent_again(
    output: str,
    project: Path,
    replay_cli: ReplayCli,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The CLI gives up on the host after half a minute; the app is asked for as long as a role may take."""
    answers: dict[str, Any] = {"/api/health": [(404, ""), (503, ""), (200, {})]}
    folder = replay_cli({**ANSWERS, SEND: {"error": output}})
    with answering(answers) as url:
        monkeypatch.setattr(resources, "outputs", lambda *_: {**OUTPUTS, "DRIVECAST_URL": url})
        assert deploy() == 0
    assert sent(folder) == 1
    out = capsys.readouterr().out
    assert "waiting for the app's host to start, " in out
    assert "GET /api/health answered 404" in out


def test_a_host_that_never_starts_names_its_log(
    project: Path,
    replay_cli: ReplayCli,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(code, "PATIENCE", 0.0)
    replay_cli({**ANSWERS, SEND: {"error": UNHEALTHY}})
    with answering({"/api/health": (503, "")}) as url:
        monkeypatch.setattr(resources, "outputs", lambda *_: {**OUTPUTS, "DRIVECAST_URL": url})
        assert deploy() == 1
    assert "`python -m ops logs --app func-drivecast-test --resource-group rg-drivecast-test`" in (
        capsys.readouterr().err
    )


def test_a_list_that_lags_behind_is_asked_again(
    project: Path, replay_cli: ReplayCli, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = replay_cli({**ANSWERS, "resource list": ["in turn", RESOURCES[:1], RESOURCES]})
    assert deploy() == 0
    assert sent(folder) == 1
    assert "waiting for the new resources to be listed, " in capsys.readouterr().out


def test_an_environment_that_is_not_there_is_not_waited_for(
    project: Path, replay_cli: ReplayCli, capsys: pytest.CaptureFixture[str]
) -> None:
    replay_cli({**ANSWERS, "group list": []})
    assert deploy() == 1
    assert "waiting" not in capsys.readouterr().out
