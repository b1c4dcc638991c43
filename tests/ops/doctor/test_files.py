from __future__ import annotations

import re
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
    for age, summary, state, ago in (
        (day, RunSummary("scored", SOURCE), "ok", "1 d"),
        (day, None, "failed", "1 d"),
        (UNDER_WAY / 2, None, "ok", "5 min"),
    ):
        found = look(monkeypatch, age, summary)
        assert found[0] == state
        assert re.match(rf"day\.csv\b.*\b{ago} ago\b", found[1])
    refused = RunSummary("failed", SOURCE, error=SummaryProblem("bad_file", "t", "No header."))
    assert look(monkeypatch, day, refused)[0] == "ok"
    assert ": No header." in look(monkeypatch, day, refused)[1]
    broken = RunSummary("failed", SOURCE, error=SummaryProblem("run_failed", "t", "No model."))
    state, told = look(monkeypatch, day, broken)
    assert state == "failed"
    assert re.fullmatch(r"day\.csv\b.*\b1 d ago\b.*: No model\.", told)


def test_no_file_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.outputs.telemetry_files.newest", lambda _blobs, _count: [])
    assert check_last_file(Target()).state != "failed"


def test_given_up_files_are_counted(account: RunningAzurite) -> None:
    assert check_poison(Target()).state == "ok"
    account.queues.get_queue_client(QUEUES[0]).send_message("x")
    found = check_poison(Target())
    assert (found.state, found.message.partition(";")[0][-3:]) == ("failed", ": 1")
    give_up(account, "a.csv", "0x1")
    give_up(account, "b.csv", "0x1")
    found = check_poison(Target())
    assert (found.state, found.message.split()[-1]) == ("failed", "2")
    assert "poison replay" in found.todo
