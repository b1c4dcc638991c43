"""What a first deployment brings late: an app, a control plane and an account that refuse for a while."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from azure.storage.blob import BlobServiceClient

from ops.app.azure_cli import AzureCli
from ops.app.target import KEY_VARIABLE, Target
from ops.errors import OpsError
from ops.smoke import arrival, requests
from ops.smoke.command import take
from ops.smoke.recorded import of_version
from ops.smoke.step import Clock
from tests.ops.app.answering_app import Answer, answering
from tests.ops.app.test_target import BEHIND_ENTRA_ID
from tests.ops.conftest import ReplayCli
from tests.ops.deploy.azure_answers import ANSWERS, TOKEN

pytestmark = pytest.mark.slow

KEYS = {"functionKeys": {"default": "the key"}}
HOST = {"error": "ERROR: (BadRequest) Encountered an error (ServiceUnavailable) from host runtime."}
READY = (200, {"status": "ready"})
NOT_READY = (503, {"checks": {"model": {"ok": True}, "storage": {"ok": False}}})
NO_SUCH_BLOB = (404, "")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "PAUSE", 0.0)
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


def deployed(url: str, account: str) -> Target:
    """Name the app at an address as one in Azure, with an account at another."""
    target = Target(url, "stdrivecasttest", "func-drivecast-test", "rg-drivecast-test", cli=AzureCli())
    # A token is sent by TLS alone, so the stand-in for storage asks for none.
    vars(target)["blobs"] = BlobServiceClient(account, retry_total=0)
    return target


def waited(
    app: Sequence[Answer],
    refused: Mapping[str, Sequence[Answer]] | None = None,
    seconds: float = 60,
) -> list[str]:
    """Wait for an app that answers so, and containers that may refuse; return what was told."""
    reported: list[str] = []
    blobs = {f"/{name}/smoke/arrival": answers for name, answers in (refused or {}).items()}
    with answering({"/api/ready": app}) as url, answering(blobs) as account:
        arrival.wait(deployed(url, account), seconds, reported.append)
    return reported


def test_what_is_there_is_not_waited_for(replay_cli: ReplayCli) -> None:
    replay_cli({**ANSWERS, "functionapp keys list": KEYS})
    assert waited([READY]) == []


@pytest.mark.parametrize("first", [HOST, {}, {"functionKeys": None}])
def test_a_key_that_is_not_there_yet(first: Any, replay_cli: ReplayCli) -> None:
    folder = replay_cli({**ANSWERS, "functionapp keys list": ["in turn", first, first, KEYS]})
    (reported,) = waited([READY])
    assert "function key" in reported
    assert (folder / "asked.txt").read_text().count("functionapp keys list") == 3


@pytest.mark.parametrize("status", [401, 403, 404, 502, 503])
def test_an_app_that_does_not_let_in_yet(status: int, replay_cli: ReplayCli) -> None:
    replay_cli({**ANSWERS, "functionapp keys list": KEYS})
    (reported,) = waited([(status, ""), (status, ""), READY])
    assert re.search(r"GET /api/ready .*\b200\b", reported)
    assert reported.endswith(f"GET /api/ready answered {status}")


def test_an_app_whose_own_role_is_missing_is_waited_for(replay_cli: ReplayCli) -> None:
    replay_cli({**ANSWERS, "functionapp keys list": KEYS})
    assert len(waited([NOT_READY, READY])) == 1


def test_a_model_that_cannot_be_served_is_not(replay_cli: ReplayCli) -> None:
    """It does not mend itself, and the steps that follow say what is wrong."""
    replay_cli({**ANSWERS, "functionapp keys list": KEYS})
    broken = {"checks": {"model": {"ok": False}, "storage": {"ok": True}}}
    assert waited([(503, broken)], seconds=0) == []


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(("container", "role"), arrival.ROLES.items())
def test_a_role_that_is_on_its_way(status: int, container: str, role: str, replay_cli: ReplayCli) -> None:
    replay_cli({**ANSWERS, "functionapp keys list": KEYS})
    (reported,) = waited([READY], {container: [(status, ""), (status, ""), NO_SUCH_BLOB]})
    assert re.search(rf"\b{role} .*\b{container}, ", reported)


@pytest.mark.parametrize(
    ("answers", "app", "telemetry", "named"),
    [
        (HOST, READY, NO_SUCH_BLOB, "`make deploy ENV=<environment> STEP=code`"),
        (KEYS, (503, ""), NO_SUCH_BLOB, "`python -m ops doctor`"),
        (
            KEYS,
            READY,
            (403, ""),
            "`az role assignment create --assignee WHO --role 'Storage Blob Data Contri",
        ),
    ],
)
def test_what_never_comes_ends_it_with_the_command_that_mends_it(
    answers: Any, app: Answer, telemetry: Answer, named: str, replay_cli: ReplayCli
) -> None:
    replay_cli({**ANSWERS, "functionapp keys list": answers})
    with pytest.raises(OpsError, match=r"\b0 s\b") as caught:
        waited([app], {"telemetry": [telemetry]}, seconds=0)
    assert named in str(caught.value)


def test_an_app_behind_entra_id_is_tried_with_a_token(replay_cli: ReplayCli) -> None:
    """The stand-in answers 401 to whoever has none, as App Service does."""
    expected = of_version("v2")[-1]
    same = {name: expected[name] for name in ("serial_number", "risk", "model_version")}
    forecast = {**same, "probability": float(expected["probability"]), "advice": "none"}
    app = {
        "/api/health": (200, {"model_version": "v2"}),
        "/api/ready": READY,
        "/api/predict": (200, forecast),
    }
    azure = {**ANSWERS, "functionapp keys list": KEYS, "account get-access-token": TOKEN}
    for settings, results in (
        (BEHIND_ENTRA_ID, ["ok", "ok", "ok", "ok"]),
        (ANSWERS["resource show"], ["ok", "failed", "ok", "failed"]),
    ):
        replay_cli({**azure, "resource show": settings})
        with answering(app, token="the token") as url, answering({}) as account:
            steps = take(deployed(url, account), Clock(10))
        assert [step.result for step in steps[:4]] == results, steps


def test_a_401_says_that_a_token_may_be_asked_for() -> None:
    with (
        answering({}, token="x") as url,
        pytest.raises(OpsError, match=KEY_VARIABLE),
    ):
        requests.predict(Target(url).http, of_version("v2")[-1])
