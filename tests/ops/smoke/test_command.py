"""``python -m ops smoke`` against the real app under devhost."""

from __future__ import annotations

import pytest

from functions.scoring.model.manifest import read_registry
from ops.__main__ import main
from ops.smoke.recorded import of_version
from tests.ops.app.answering_app import answering
from tests.support.running_app import PROJECT, RunningApp, RunningAzurite


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
        f"{last['serial_number']}: {float(last['probability']):.4f}",
        "3 rows through telemetry and predictions",
    ):
        assert expected in shown.out
    assert "failed" not in shown.out
    history = app_account.blobs.get_container_client("history")
    assert not list(history.list_blob_names(name_starts_with="2014-01-25/smoke/"))


def test_what_builds_on_a_failed_step_is_not_tried(
    account: RunningAzurite, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["smoke", "--url", "http://127.0.0.1:9", "--timeout", "0.3"]) == 1
    shown = capsys.readouterr()
    assert shown.out.count("not tried") == 4
    assert "error: 5 of 5 steps are not ok: health, ready, recorded values, prediction, file" in shown.err


def test_a_model_that_was_not_recorded(account: RunningAzurite, capsys: pytest.CaptureFixture[str]) -> None:
    answers = {"/api/health": (200, {"model_version": "v9"}), "/api/ready": (200, {"status": "ready"})}
    with answering(answers) as url:
        assert main(["smoke", "--url", url, "--timeout", "5"]) == 1
    shown = capsys.readouterr()
    assert "nothing is recorded" in shown.out
    assert "error: 3 of 5 steps are not ok: recorded values, prediction, file" in shown.err


def test_an_app_elsewhere_needs_its_account_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AzureWebJobsStorage", raising=False)
    monkeypatch.setattr("ops.app.target.Target.is_local", False)
    answers = {"/api/health": (200, {"model_version": "v2"}), "/api/ready": (200, {})}
    with answering(answers) as url:
        assert main(["smoke", "--url", url, "--timeout", "5"]) == 1
    assert "name it with --storage" in capsys.readouterr().out


@pytest.mark.parametrize("seconds", ["0", "-1", "nan"])
def test_a_time_limit_of_nothing_is_refused(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["smoke", "--timeout", seconds]) == 1
    assert "expected more than 0 seconds" in capsys.readouterr().err
