"""``python -m ops poison`` on a real account; and a real poison file under devhost, from failure to score."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from azure.core.exceptions import ResourceNotFoundError

from functions.storage.containers import RUNS
from functions.storage.output_names import progress_name
from ops.__main__ import main
from ops.poison.records import QUEUES, GivenUpFiles, file_state
from tests.conftest import RunApp
from tests.ops.poison.test_replay import upload
from tests.support.drives import row, table
from tests.support.given_up import QUEUE, give_up, give_up_message
from tests.support.running_app import PROJECT, RunningAzurite
from tests.support.waiting import wait_until


def test_nothing_given_up_is_said(account: RunningAzurite, capsys: pytest.CaptureFixture[str]) -> None:
    for action in ("list", "replay"):
        assert main(["poison", action]) == 0
        assert "telemetry/" not in capsys.readouterr().out


def test_the_list_tells_file_version_age_queue_and_state(
    account: RunningAzurite, capsys: pytest.CaptureFixture[str]
) -> None:
    first = upload(account, "list/a.csv")
    give_up(account, "list/a.csv", first)
    give_up(account, "list/b.csv", "0x1")
    give_up_message(account, "1")
    assert main(["poison", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (one,) = [line for line in lines if "telemetry/list/a.csv" in line]
    cells = [part.strip() for part in one.strip("│ ").split("│")]
    assert (cells[1], cells[3], cells[4]) == (first, QUEUE, "unchanged")
    assert " s ago" in cells[2]
    assert "gone" in next(line for line in lines if "telemetry/list/b.csv" in line)
    assert "it names no file" in "\n".join(lines)
    assert len(GivenUpFiles(account.blobs)) == 3, "looking is not taking"


def test_messages_that_nobody_could_give_up_are_counted(
    account: RunningAzurite, capsys: pytest.CaptureFixture[str]
) -> None:
    queue = account.queues.get_queue_client(QUEUES[2])
    for _ in range(33):
        queue.send_message("not base64!")
    for action in ("list", "replay"):
        assert main(["poison", action]) == 0
        assert "poison queues: about 33." in capsys.readouterr().out


def test_what_cannot_be_replayed_stays_and_fails(
    account: RunningAzurite, capsys: pytest.CaptureFixture[str]
) -> None:
    give_up(account, "list/c.csv", upload(account, "list/c.csv"))
    give_up_message(account, "1")
    assert main(["poison", "replay"]) == 1
    shown = capsys.readouterr()
    assert "telemetry/list/c.csv " in shown.out
    assert "error: 1 of 2 " in shown.err
    assert len(GivenUpFiles(account.blobs)) == 1


def test_what_is_discarded_is_given_up_no_more(
    account: RunningAzurite, capsys: pytest.CaptureFixture[str]
) -> None:
    etag = upload(account, "discard/a b.csv")
    for name in ("discard/a b.csv", "discard/b.csv", "discard/c.csv"):
        give_up(account, name, etag)
    give_up_message(account, "1")
    runs = account.blobs.get_container_client(RUNS)
    if not runs.exists():
        runs.create_container()
    progress = runs.upload_blob(progress_name("discard/a b.csv", etag), b"{}", overwrite=True)
    assert main(["poison", "discard", "discard/a b.csv", "telemetry/discard/b.csv"]) == 0
    assert "telemetry/discard/a b.csv " in capsys.readouterr().out
    assert len(GivenUpFiles(account.blobs)) == 2
    assert not progress.exists(), "its run would be announced again"
    assert file_state(account.blobs, "discard/a b.csv", etag) == "unchanged"
    assert main(["poison", "discard", "discard/a b.csv"]) == 1
    assert "discard/a b.csv" in capsys.readouterr().err
    assert main(["poison", "discard", "given-up/message-1.json"]) == 0
    assert main(["poison", "discard", "--all"]) == 0
    assert len(GivenUpFiles(account.blobs)) == 0


def test_only_those_named_are_replayed(account: RunningAzurite, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("some/a.csv", "some/b.csv"):
        give_up(account, name, upload(account, name))
    assert main(["poison", "replay", "some/b.csv"]) == 0
    assert main(["poison", "list"]) == 0
    shown = capsys.readouterr().out
    assert "telemetry/some/b.csv is " in shown
    assert len(GivenUpFiles(account.blobs)) == 1


@pytest.mark.parametrize("words", [[], ["a.csv", "--all"]])
def test_discard_wants_to_be_told_which(
    words: list[str], account: RunningAzurite, capsys: pytest.CaptureFixture[str]
) -> None:
    give_up(account, "kept.csv", "0x1")
    assert main(["poison", "discard", *words]) == 1
    assert "--all" in capsys.readouterr().err
    assert len(GivenUpFiles(account.blobs)) == 1


@pytest.mark.slow
def test_a_replay_killed_at_any_point_loses_nothing(account: RunningAzurite, tmp_path: Path) -> None:
    # Far more than a replay gets done before it is killed, however late that is.
    files = {name: upload(account, name) for name in (f"killed/{number:03}.csv" for number in range(100))}
    for name, etag in files.items():
        give_up(account, name, etag)
    for lines in (2, 5, 9):
        with (tmp_path / "out").open("wb") as out:
            command = [sys.executable, "-u", "-m", "ops", "poison", "replay"]
            process = subprocess.Popen(command, cwd=PROJECT, stdout=out, stderr=out)
        try:
            wait_until(lambda: (tmp_path / "out").read_bytes().count(b"\n") >= lines, 30, "lines")  # noqa: B023
        finally:
            process.kill()
            process.wait()
    assert 0 < len(GivenUpFiles(account.blobs)) < len(files), "killed in the middle"
    assert main(["poison", "replay"]) == 0
    assert len(GivenUpFiles(account.blobs)) == 0
    assert {file_state(account.blobs, name, etag) for name, etag in files.items()} == {"changed"}


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
    for name in list(account.blobs.get_container_client("telemetry").list_blob_names()):
        account.blobs.get_blob_client("telemetry", name).delete_blob()
    with run_app(PROJECT, settings=settings, connection_string=account.connection_string) as running:
        file = account.blobs.get_blob_client("telemetry", "poisoned/day.csv")
        etag = str(file.upload_blob(table([row("A"), row("B")]), overwrite=True)["etag"])
        wait_until(lambda: len(GivenUpFiles(account.blobs)), 60, "a record")
        assert running.output.count("Executing (Reason=new blob telemetry/poisoned/day.csv)") == 5
        assert main(["poison", "list"]) == 0
        shown = capsys.readouterr().out
        assert "telemetry/poisoned/day.csv" in shown
        assert etag.strip('"') in shown
        assert "unchanged" in shown

        shutil.copytree(PROJECT / "models", models, dirs_exist_ok=True)
        assert main(["poison", "replay"]) == 0
        assert "telemetry/poisoned/day.csv " in capsys.readouterr().out

        def summary() -> dict[str, object] | None:
            blob = account.blobs.get_blob_client("predictions", "poisoned/day.summary.json")
            try:
                document: dict[str, object] = json.loads(blob.download_blob().readall())
            except ResourceNotFoundError:
                return None
            return document if document["status"] == "scored" else None

        found = wait_until(summary, 60, "summary") or {}
        assert found["status"] == "scored"
        assert found["lines"] == {"data": 2, "accepted": 2, "rejected": 0}
        assert found["source"] == {
            "name": "poisoned/day.csv",
            "etag": file.get_blob_properties().etag,
            "bytes": len(table([row("A"), row("B")])),
        }
        assert main(["poison", "list"]) == 0
        assert "telemetry/" not in capsys.readouterr().out
