"""The supervisor and its workers: death, restart, the end."""

import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import httpx
import pytest

from tests.conftest import RunApp
from tests.devhost.conftest import EVERY_TRIGGER, Calls, own_settings
from tests.support.running_app import RunningAzurite
from tests.support.waiting import wait_until


def members(group: int) -> list[str]:
    """Processes of a process group, dead ones waiting for their parent left out."""
    listing = subprocess.run(
        ["ps", "-A", "-o", "pgid=,stat=,args="], capture_output=True, text=True, check=True
    )
    rows = (line.split(None, 2) for line in listing.stdout.splitlines())
    return [row[2] for row in rows if int(row[0]) == group and not row[1].startswith("Z")]


def test_a_blob_in_work_when_its_worker_is_killed_is_delivered_again(
    run_app: RunApp, azurite: RunningAzurite, tmp_path: Path
) -> None:
    marker = tmp_path / "marker"
    options = ("--no-azurite", "--message-lease", "2")
    with run_app(EVERY_TRIGGER, workers=2, settings=own_settings("kill"), options=options) as running:
        azurite.blobs.get_blob_client("kill-incoming", "slow.csv").upload_blob(f"sleep {marker}".encode())
        wait_until(lambda: marker.exists() and marker.read_text(), what="the first delivery")
        time.sleep(2.5)  # longer than the lease: it is renewed while the function runs
        killed = int(marker.read_text())
        assert Calls(azurite, "kill-calls").of("on_client") == []
        os.kill(killed, signal.SIGKILL)
        calls = Calls(azurite, "kill-calls").settled("on_client", 1)
        assert len(calls) == 1
        assert calls[0]["name"] == "slow.csv"
        running.wait_for(r"worker w\d died \(signal 9\); starting it again")
        wait_until(lambda: len(running.worker_pids()) == 2, what="the restart")
        assert killed not in running.worker_pids()
        for worker in running.worker_pids():
            os.kill(worker, signal.SIGKILL)
        azurite.blobs.get_blob_client("kill-incoming", "after.csv").upload_blob(b"after")
        reported = Calls(azurite, "kill-calls").settled("on_client", 2)
        assert sorted(str(call["name"]) for call in reported) == [
            "after.csv",
            "slow.csv",
        ]  # receipts outlive workers
        assert httpx.get(f"{running.base_url}/api/echo/alive").status_code == 201


def test_ctrl_c_lets_a_request_finish_and_ends_everything_with_0(run_app: RunApp) -> None:
    with run_app(EVERY_TRIGGER, workers=2, settings=own_settings("stop")) as running:
        group = running.process.pid
        assert len(members(group)) == 3
        answers: list[str] = []
        url = f"{running.base_url}/api/slow?seconds=1.5"
        asking = threading.Thread(target=lambda: answers.append(httpx.get(url, timeout=20).text))
        asking.start()
        time.sleep(0.5)
        os.killpg(group, signal.SIGINT)  # as a terminal does: to every process
        assert running.process.wait(20) == 0
        asking.join()
        assert answers == ["awake"]
        assert members(group) == []
        assert "Traceback" not in running.output


def test_overrun_costs_a_worker_its_life_and_no_worker_outlives_the_supervisor(run_app: RunApp) -> None:
    settings = own_settings("late") | {"AzureFunctionsJobHost__functionTimeout": "00:00:01"}
    with run_app(EVERY_TRIGGER, settings=settings) as running:
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{running.base_url}/api/slow?seconds=60", timeout=20)
        running.wait_for("ran longer than functionTimeout")
        running.wait_for(r"worker w0 died \(exit code 70\)")
        wait_until(lambda: len(running.worker_pids()) == 1, what="the restart")
        running.process.kill()
        wait_until(lambda: not members(running.process.pid), what="the end of the worker")
