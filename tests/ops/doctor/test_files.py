from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ops.app.target import Target
from ops.doctor.files import UNDER_WAY, check_last_file, check_poison
from ops.outputs.run_summary import RunSummary, SummaryProblem, SummarySource
from ops.outputs.telemetry_files import TelemetryBlob
from ops.poison.records import QUEUES
from tests.support.given_up import give_up
from tests.support.running_app import RunningAzurite

SOURCE = SummarySource("day.csv", "0x1")


def look(monkeypatch: pytest.MonkeyPatch, age: timedelta, summary: RunSummary | None) -> tuple[str, str]:
    """Look at an account with one file of an age, which no upload can have."""
    file = TelemetryBlob("day.csv", "0x1", 10, datetime.now(UTC) - age)
    monkeypatch.setattr("ops.outputs.telemetry_files.newest", lambda _blobs, _count: [file])
    monkeypatch.setattr("ops.outputs.telemetry_files.summary_of", lambda _blobs, _file: summary)
    found = check_last_file(Target())
    return found.state, found.message


def test_what_became_of_the_newest_file(monkeypatch: pytest.MonkeyPatch) -> None:
    day = timedelta(days=1)
    assert look(monkeypatch, day, RunSummary("scored", SOURCE)) == (
        "ok",
        "day.csv, uploaded 1 d ago, is scored",
    )
    assert look(monkeypatch, day, None) == ("failed", "day.csv, uploaded 1 d ago, has no summary")
    assert look(monkeypatch, UNDER_WAY / 2, None) == ("ok", "day.csv, uploaded 5 min ago, is under way")
    refused = RunSummary("failed", SOURCE, error=SummaryProblem("bad_file", "t", "No header."))
    assert look(monkeypatch, day, refused)[0] == "ok"
    assert "was refused: No header." in look(monkeypatch, day, refused)[1]
    broken = RunSummary("failed", SOURCE, error=SummaryProblem("run_failed", "t", "No model."))
    assert look(monkeypatch, day, broken) == (
        "failed",
        "day.csv, uploaded 1 d ago, could not be scored: No model.",
    )


def test_no_file_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.outputs.telemetry_files.newest", lambda _blobs, _count: [])
    assert check_last_file(Target()).message == "no file yet"


def test_given_up_files_are_counted(account: RunningAzurite) -> None:
    assert check_poison(Target()).state == "ok"
    account.queues.get_queue_client(QUEUES[0]).send_message("x")
    found = check_poison(Target())
    assert (found.state, found.message.split()[:2]) == ("failed", ["1", "messages"])
    give_up(account, "a.csv", "0x1")
    give_up(account, "b.csv", "0x1")
    found = check_poison(Target())
    assert (found.state, found.message.split()[:2]) == ("failed", ["2", "files"])
    assert "poison replay" in found.todo
