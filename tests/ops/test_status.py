from __future__ import annotations

import json
import re

import pytest

from ops.__main__ import main
from tests.ops.app.answering_app import answering
from tests.support.given_up import give_up
from tests.support.running_app import RunningAzurite

HEALTHY = {"/api/health": (200, {"status": "ok", "model_version": "v2"})}


def test_app_files_and_given_up(account: RunningAzurite, capsys: pytest.CaptureFixture[str]) -> None:
    telemetry = account.blobs.get_container_client("telemetry")
    for name in list(telemetry.list_blob_names()):
        telemetry.delete_blob(name)
    with answering(HEALTHY) as url:
        assert main(["status", "--url", url]) == 0
        assert re.search(r"^Files: .*\btelemetry\b", capsys.readouterr().out, re.MULTILINE)
        etag = telemetry.upload_blob("status/[red]day.csv", b"x").get_blob_properties().etag
        telemetry.upload_blob("status/next.csv", b"x")
        telemetry.upload_blob("status/two\nlines.csv", b"x")
        summary = {
            "status": "scored",
            "source": {"name": "status/[red]day.csv", "etag": etag},
            "model_version": "v2",
            "lines": {"data": 12345, "accepted": 12344, "rejected": 1},
        }
        account.blobs.get_blob_client("predictions", "status/[red]day.summary.json").upload_blob(
            json.dumps(summary), overwrite=True
        )
        lost = telemetry.upload_blob("status/lost.csv", b"x").get_blob_properties().etag
        give_up(account, "status/lost.csv", lost)
        assert main(["status", "--url", url]) == 0
    out = capsys.readouterr().out
    assert re.search(rf"^App {re.escape(url)}: .*\bv2$", out, re.MULTILINE)
    scored = next(line for line in out.splitlines() if "status/[red]day.csv" in line)
    for expected in ("scored", "12,345", "12,344", "v2"):
        assert expected in scored
    assert "waiting" in next(line for line in out.splitlines() if "status/two\\nlines.csv" in line)
    assert "waiting" in next(line for line in out.splitlines() if "status/next.csv" in line)
    assert "given up" in next(line for line in out.splitlines() if "status/lost.csv" in line)
    assert ": 1; see: python -m ops poison list" in out


def test_the_reason_of_a_file_that_was_not_scored(
    account: RunningAzurite, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry = account.blobs.get_container_client("telemetry")
    reasons = {
        "no_header": "The first line [is] no header:\nit has no column date.",
        "run_failed": "No model.",
    }
    for code, detail in reasons.items():
        etag = telemetry.upload_blob(f"why/{code}.csv", b"x", overwrite=True).get_blob_properties().etag
        summary = {
            "status": "failed",
            "source": {"name": f"why/{code}.csv", "etag": etag},
            "error": {"code": code, "title": "t", "detail": detail},
        }
        account.blobs.get_blob_client("predictions", f"why/{code}.summary.json").upload_blob(
            json.dumps(summary), overwrite=True
        )
    with answering(HEALTHY) as url:
        assert main(["status", "--url", url]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "why/no_header.csv refused: The first line [is] no header:\\nit has no column date." in lines
    assert "why/run_failed.csv failed: No model." in lines


def test_the_files_are_shown_also_when_the_app_is_down(
    account: RunningAzurite, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status", "--url", "http://127.0.0.1:9"]) == 1
    shown = capsys.readouterr()
    assert "App http://127.0.0.1:9: " in shown.out
    assert re.search("^Given up .*: 0$", shown.out, re.MULTILINE)
    with answering({"/api/health": (503, {"detail": "No model."})}) as url:
        assert main(["status", "--url", url]) == 1
    assert re.fullmatch(r"error: GET /api/health .*\b503: No model\.\n", capsys.readouterr().err)


def test_an_app_elsewhere_without_its_account(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AzureWebJobsStorage", raising=False)
    monkeypatch.setattr("ops.app.target.Target.is_local", False)
    with answering(HEALTHY) as url:
        assert main(["status", "--url", url]) == 0
    assert re.search("^Files: .*--account", capsys.readouterr().out, re.MULTILINE)
