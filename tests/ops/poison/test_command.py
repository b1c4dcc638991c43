"""``python -m ops poison`` on a real account; and a real poison file under devhost, from failure to score."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from azure.core.exceptions import ResourceNotFoundError

from ops.__main__ import main
from ops.poison import queue as poison_queue
from ops.poison.queue import QUEUES, file_state
from tests.conftest import RunApp
from tests.ops.poison.test_replay import give_up, upload
from tests.support.drives import row, table
from tests.support.running_app import PROJECT, RunningAzurite
from tests.support.waiting import wait_until

EVENTS = QUEUES[2]
"""Where a file ends that the app has handed on."""


def test_an_empty_queue_says_so(account: RunningAzurite, capsys: pytest.CaptureFixture[str]) -> None:
    for action in ("list", "replay"):
        assert main(["poison", action]) == 0
        assert capsys.readouterr().out == "The poison queues are empty: no file was given up.\n"


def test_the_list_tells_file_version_tries_age_and_state(
    account: RunningAzurite, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = upload(account, "list/a.csv"), upload(account, "list/b.csv")
    give_up(account, first)
    queue = give_up(account, second)
    queue.send_message("neither")
    account.blobs.get_blob_client("telemetry", second.name).delete_blob()
    assert main(["poison", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (one,) = [line for line in lines if "telemetry/list/a.csv" in line]
    assert [part.strip() for part in one.strip("│ ").split("│")][1:3] == [first.etag, "5"]
    assert " s ago" in one
    assert "unchanged" in one
    assert "gone" in next(line for line in lines if "telemetry/list/b.csv" in line)
    assert "it names no file" in "\n".join(lines)
    # Looking is not taking.
    assert [message.dequeue_count for message in queue.peek_messages(max_messages=5)] == [0, 0, 0]


def test_a_long_queue_says_that_it_goes_on(
    account: RunningAzurite, capsys: pytest.CaptureFixture[str]
) -> None:
    file = upload(account, "list/many.csv")
    for _ in range(33):
        give_up(account, file)
    assert main(["poison", "list"]) == 0
    assert "32 of about 33" in capsys.readouterr().out
    # The first replay makes a new version, which the other messages are not about.
    assert main(["poison", "replay"]) == 0
    out = capsys.readouterr().out
    assert out.count("is being scored again") == 1
    assert out.count("has been replaced or replayed since") == 32
    assert main(["poison", "list"]) == 0


def test_what_cannot_be_replayed_stays_and_fails(
    account: RunningAzurite, capsys: pytest.CaptureFixture[str]
) -> None:
    queue = give_up(account, upload(account, "list/c.csv"))
    queue.send_message("neither")
    assert main(["poison", "replay"]) == 1
    shown = capsys.readouterr()
    assert "telemetry/list/c.csv is being scored again" in shown.out
    assert "error: 1 of 2 messages are left; see above" in shown.err
    assert len(poison_queue.shown(queue)) == 1, "visible at once, not after the lease"


def test_messages_in_somebody_elses_hands_are_not_called_none(
    account: RunningAzurite, capsys: pytest.CaptureFixture[str]
) -> None:
    queue = give_up(account, upload(account, "list/d.csv"))
    next(iter(poison_queue.taken(queue, 60)))
    assert main(["poison", "list"]) == 0
    assert "No message shows, but there are about 1: somebody else is replaying" in capsys.readouterr().out


def test_a_range_of_a_large_file_is_replayed_with_its_file(
    account: RunningAzurite, capsys: pytest.CaptureFixture[str]
) -> None:
    file = upload(account, "list/quarter.csv")
    ranges = account.queues.get_queue_client("telemetry-ranges-poison")
    for index in (3, 7):
        task = {"name": file.name, "etag": f'"{file.etag}"', "range_bytes": 64, "index": index}
        ranges.send_message(json.dumps(task))
    assert main(["poison", "list"]) == 0
    assert "telemetry-ranges-poison" in capsys.readouterr().out
    assert main(["poison", "replay"]) == 0
    out = capsys.readouterr().out
    assert out.count("telemetry/list/quarter.csv is being scored again") == 1
    assert out.count("telemetry/list/quarter.csv has been replaced or replayed since") == 1
    assert poison_queue.count(ranges) == 0


@pytest.mark.slow
def test_a_replay_killed_at_any_point_loses_nothing(account: RunningAzurite, tmp_path: Path) -> None:
    # Far more than a replay gets done before it is killed, however late that is.
    files = [upload(account, f"killed/{number:03}.csv") for number in range(100)]
    for file in files:
        queue = give_up(account, file)
    for lines in (2, 5, 9):
        with (tmp_path / "out").open("wb") as out:
            command = [sys.executable, "-u", "-m", "ops", "poison", "replay"]
            process = subprocess.Popen(command, cwd=PROJECT, stdout=out, stderr=out)
        try:
            wait_until(lambda: (tmp_path / "out").read_bytes().count(b"\n") >= lines, 30, "lines")  # noqa: B023
        finally:
            process.kill()
            process.wait()
    assert 0 < poison_queue.count(queue) < len(files), "killed in the middle"
    assert main(["poison", "replay"]) == 0
    # What a killed replay had taken is hidden until its lease is over; all else is done.
    hidden = poison_queue.count(queue)
    assert hidden <= 3
    untouched = [file for file in files if file_state(account.blobs, file) == "unchanged"]
    assert len(untouched) <= hidden


@pytest.mark.slow
def test_a_file_that_failed_for_want_of_a_model_is_scored_after_replay(
    account: RunningAzurite, run_app: RunApp, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = tmp_path / "models"
    settings = {
        "MODELS_FOLDER": str(models),
        "AzureFunctionsWebHost__hostid": "ops-poison",
        "AzureFunctionsJobHost__extensions__queues__visibilityTimeout": "00:00:00",
    }
    queue = account.queues.get_queue_client(EVENTS.name)
    for name in list(account.blobs.get_container_client("telemetry").list_blob_names()):
        account.blobs.get_blob_client("telemetry", name).delete_blob()
    with run_app(PROJECT, settings=settings, connection_string=account.connection_string) as running:
        file = account.blobs.get_blob_client("telemetry", "poisoned/day.csv")
        etag = str(file.upload_blob(table([row("A"), row("B")]), overwrite=True)["etag"])
        wait_until(lambda: poison_queue.shown(queue), 60, "poison message")
        assert running.output.count("Executing (Reason=new blob telemetry/poisoned/day.csv)") == 1
        assert running.output.count("Executing (Reason=message ") == 5
        assert main(["poison", "list"]) == 0
        shown = capsys.readouterr().out
        assert "telemetry/poisoned/day.csv" in shown
        assert etag.strip('"') in shown
        assert "unchanged" in shown

        shutil.copytree(PROJECT / "models", models, dirs_exist_ok=True)
        assert main(["poison", "replay"]) == 0
        assert "telemetry/poisoned/day.csv is being scored again" in capsys.readouterr().out

        def summary() -> dict[str, object] | None:
            blob = account.blobs.get_blob_client("predictions", "poisoned/day.summary.json")
            try:
                document: dict[str, object] = json.loads(blob.download_blob().readall())
            except ResourceNotFoundError:
                return None
            return document if document["status"] == "scored" else None

        told = wait_until(summary, 60, "summary") or {}
        assert told["status"] == "scored"
        assert told["lines"] == {"data": 2, "accepted": 2, "rejected": 0}
        assert told["source"] == {
            "name": "poisoned/day.csv",
            "etag": file.get_blob_properties().etag,
            "bytes": len(table([row("A"), row("B")])),
        }
        assert poison_queue.count(queue) == 0
        assert main(["poison", "list"]) == 0
        assert "are empty" in capsys.readouterr().out
