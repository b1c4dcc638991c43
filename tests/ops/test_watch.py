from __future__ import annotations

import gzip
import io
import json
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from functions.batch import progress as progress_module
from functions.batch.progress import Progress
from functions.storage.pinned_blob import PinnedBlob
from ops.__main__ import EXIT_INTERRUPTED, main
from ops.watch import Bars, in_words
from tests.conftest import RunApp
from tests.ops.outputs.test_run_progress import say
from tests.support.drives import row, table
from tests.support.given_up import give_up
from tests.support.running_app import PROJECT, RunningAzurite
from tests.support.waiting import wait_until


def told(done: int, ranges: int, seconds: float, rows: int) -> Progress:
    return Progress("day.csv", "e", done, ranges, 200, 50, rows, seconds, datetime.now(UTC))


def upload(account: RunningAzurite, name: str, data: bytes) -> str:
    return str(account.blobs.get_blob_client("telemetry", name).upload_blob(data, overwrite=True)["etag"])


@pytest.mark.slow
def test_a_file_in_ranges_until_it_is_done(
    account: RunningAzurite, run_app: RunApp, small_models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = {
        "MODELS_FOLDER": str(small_models),
        "RANGE_BYTES": "20000",
        "AzureFunctionsWebHost__hostid": "ops-watch",
        "AzureFunctionsJobHost__extensions__queues__visibilityTimeout": "00:00:00",
    }
    with run_app(PROJECT, settings=settings, connection_string=account.connection_string):
        upload(account, "watched/big.csv", table(row(f"S{number}") for number in range(2_000)))
        assert main(["watch", "telemetry/watched/big.csv", "--interval", "0.05"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert re.fullmatch(r"watched/big\.csv .*: 2,000 .*\b0 rejected", lines[-1])
        # Over by then or not, the last of them says how many ranges there were.
        assert main(["watch", "watched/big.csv"]) == 0
        told = [line for line in (*lines, *capsys.readouterr().out.splitlines()) if " of 6 ranges" in line]
        assert told

        upload(account, "watched/bad.csv", b"a;b\n1;2\n")
        assert main(["watch", "watched/bad.csv", "--interval", "0.05"]) == 1
        assert re.search(r"\bwatched/bad\.csv .*\brefused\b", capsys.readouterr().err)

        # The name of its outputs is taken: no try succeeds, and it is given up.
        upload(account, "watched/big.csv.gz", gzip.compress(table([row()])))
        assert main(["watch", "watched/big.csv.gz", "--interval", "0.05"]) == 1
        given_up = capsys.readouterr().err
        assert re.search(r"watched/big\.csv\.gz .*\bgiven up\b", given_up)
        assert " watched/big.csv:" in given_up


@pytest.mark.parametrize("summary", [False, True])
def test_a_file_that_was_given_up_is_not_waited_for(
    account: RunningAzurite, capsys: pytest.CaptureFixture[str], *, summary: bool
) -> None:
    etag = upload(account, "watched/lost.csv", b"x")
    if summary:
        document = {
            "status": "failed",
            "source": {"name": "watched/lost.csv", "etag": etag},
            "error": {"code": "run_failed", "title": "t", "detail": "There is no model."},
        }
        blob = account.blobs.get_blob_client("predictions", "watched/lost.summary.json")
        blob.upload_blob(json.dumps(document), overwrite=True)
    give_up(account, "watched/lost.csv", etag)
    assert main(["watch", "watched/lost.csv"]) == 1
    why = "There is no model." if summary else "The log says why (python -m ops logs)."
    expected = f"watched/lost.csv was given up after too many tries. {why} When the cause is gone, replay it"
    assert expected in capsys.readouterr().err


def test_no_such_file(account: RunningAzurite, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", "watched/none.csv"]) == 1
    assert " watched/none.csv " in capsys.readouterr().err
    assert main(["watch", "--interval", "0"]) == 1
    assert "--interval is 0.0;" in capsys.readouterr().err


def test_all_that_run_until_it_is_interrupted(
    account: RunningAzurite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_module, "PAUSE_SECONDS", 0.0)
    upload(account, "watched/now.csv", b"x" * 400)
    source = PinnedBlob.open(account.blobs.get_blob_client("telemetry", "watched/now.csv"))
    runs = account.blobs.get_container_client("runs")
    if not runs.exists():
        runs.create_container()
    say(account, source, 1)
    out = tmp_path / "out"
    with out.open("wb") as stream:
        command = [sys.executable, "-u", "-m", "ops", "watch", "--interval", "0.1"]
        process = subprocess.Popen(command, cwd=PROJECT, stdout=stream, stderr=stream)
    wait_until(lambda: "watched/now: 25 %, 1 of 4 ranges, 10 rows, " in out.read_text(), 30, "the first line")
    say(account, source, 3)
    wait_until(lambda: "watched/now: 75 %, 3 of 4 ranges, 30 rows, " in out.read_text(), 30, "the next line")
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == EXIT_INTERRUPTED
    source.client.delete_blob()


def test_bars_on_a_terminal() -> None:
    stream = io.StringIO()
    out = Console(file=stream, force_terminal=True, width=100, color_system=None)
    with Bars(out) as bars:
        bars.show({"[red]day": told(0, 1, 2.0, 1_234)})
    assert "[red]day" in stream.getvalue()
    assert "25%" in stream.getvalue()
    assert "1,234 rows, 2 s" in stream.getvalue()


def test_in_words() -> None:
    assert in_words(told(2, 6, 7.4, 9)) == "2 of 6 ranges, 9 rows, 7 s"
    assert in_words(told(0, 1, 7.4, 12_000)) == "12,000 rows, 7 s"
