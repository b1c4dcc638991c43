from __future__ import annotations

from pathlib import Path

import pytest

from ops.__main__ import main
from tests.ops.conftest import ReplayCli

AZURE = ["--app", "drivecast", "--resource-group", "rg"]


def settings(connection: str) -> list[dict[str, str]]:
    return [{"name": "APPLICATIONINSIGHTS_CONNECTION_STRING", "value": connection}]


def test_the_last_lines_of_a_devhost_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "devhost.log"
    log.write_bytes(b"one\ntwo [red]\nthr\xffee\n")
    assert main(["logs", "--file", str(log), "--lines", "2"]) == 0
    *lines, note = capsys.readouterr().out.splitlines()
    assert lines == ["two [red]", "thr\N{REPLACEMENT CHARACTER}ee"]
    assert note.startswith(f"-- {log}, last written ")


def test_no_log_says_where_there_would_be_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["logs", "--file", str(tmp_path / "absent.log")]) == 1
    assert "`make start`" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--lines", "--hours"])
def test_a_count_of_nothing_is_refused(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["logs", option, "0"]) == 1
    assert " 1 or more" in capsys.readouterr().err


def test_an_app_in_azure_is_asked_for_by_its_insights(
    replay_cli: ReplayCli, capsys: pytest.CaptureFixture[str]
) -> None:
    # Shaped after https://learn.microsoft.com/cli/azure/monitor/app-insights; hand-written.
    row = ["2026-01-01T10:00:00.1Z", 2, "score_telemetry", "stopped:\n day.csv"]
    other = ["2026-01-01T10:00:01Z", None, None, "oops"]
    folder = replay_cli(
        {
            "functionapp config appsettings list": settings("InstrumentationKey=a;ApplicationId=b-c"),
            "monitor app-insights query": {"tables": [{"name": "PrimaryResult", "rows": [row, other]}]},
        }
    )
    assert main(["logs", "--hours", "3", "--lines", "7", *AZURE]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2026-01-01T10:00:00.1Z  warning    score_telemetry  stopped: day.csv",
        "2026-01-01T10:00:01Z  exception  -  oops",
    ]
    asked = (folder / "asked.txt").read_text()
    assert "--app b-c" in asked
    assert "ago(3h)" in asked
    assert "top 7 by" in asked
    # The outer ones say "Exception while executing function", whatever it was.
    assert r"extract(@'Exception: ([^\n]*)', 1, innermostMessage)" in asked
    assert "outerMessage" not in asked


def test_an_app_without_insights(replay_cli: ReplayCli, capsys: pytest.CaptureFixture[str]) -> None:
    replay_cli({"functionapp config appsettings list": settings("InstrumentationKey=a")})
    assert main(["logs", *AZURE]) == 1
    assert "names no ApplicationId" in capsys.readouterr().err
