"""Workers killed with SIGKILL while a file is planned in steps: it ends as if nobody had been."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from pathlib import Path

import pytest

from tests.functions.batch.conftest import RunRanges
from tests.functions.batch.faults.test_kills import PATIENT, UNLIMITED, files
from tests.functions.conftest import Fleet
from tests.support.drives import row, table
from tests.support.fault_proxy import Fault, FaultProxy, Request
from tests.support.mortal_worker import FILE, MortalWorkers
from tests.support.port_owner import port_owner
from tests.support.running_app import PROJECT, RunningApp, RunningAzurite
from tests.support.undisturbed import Undisturbed

APP_OF_SMALL_STEPS = """
import azure.functions as func

from functions.blueprints import batch
from functions.batch import plan

plan.STEP_RANGES = 2
app = func.FunctionApp()
app.register_functions(batch.blueprint)
"""
"""The batch functions, which plan two ranges in a step."""


@pytest.mark.slow
@pytest.mark.parametrize("copies", [1, 2])
def test_kills_of_those_who_plan(
    fleet: Fleet, account: RunningAzurite, undisturbed: Undisturbed, small_models: Path, copies: int
) -> None:
    """A file planned in steps of two ranges, by processes of which every other is killed, in any order.

    Twice the messages are twice the messages of every step that follows: steps must not multiply for ever.
    """
    settings = {
        "AzureWebJobsStorage": account.connection_string,
        "MODELS_FOLDER": str(small_models),
        "RANGE_BYTES": "5000" if copies == 1 else "9000",
    }
    workers = MortalWorkers(settings, seed=7, step_ranges=2)
    made = files("2016-01-25", 0, 2)
    etags = {name: fleet.drop(f"{name}.csv", data) for name, data in made.items()}
    workers.work([f"{FILE}{fleet.folder}/{name}.csv" for name in made], kills=25, share=0.5, copies=copies)
    assert workers.kills >= 10
    for name, data in made.items():
        undisturbed.expect(fleet, name, data, etags[name], seconds=0)


class SenderKiller:
    """Kills every third worker that sends a message for a range, before or after it is sent."""

    def __init__(self, app: RunningApp, kills: int) -> None:
        self._app = app
        self._wanted = kills
        self._lock = threading.Lock()
        self.sent = 0
        self.kills = 0

    def __call__(self, request: Request) -> Fault | None:
        if (request.method, request.container, request.blob) != ("POST", "telemetry-ranges", "messages"):
            return None
        with self._lock:
            self.sent += 1
            if self.kills == self._wanted or self.sent % 3:
                return None
            pid = port_owner(request.port, self._app.worker_pids())
            if pid is None:
                return None
            self.kills += 1
            os.kill(pid, signal.SIGKILL)
            return "reset" if self.kills % 2 else "reset done"


@pytest.mark.slow
def test_workers_of_devhost_killed_as_they_plan(
    run_ranges: RunRanges, fleet: Fleet, account: RunningAzurite, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    """With some of a step's messages sent, and others not: the step is taken again, messages come twice."""
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "function_app.py").write_text(APP_OF_SMALL_STEPS)
    shutil.copy(PROJECT / "host.json", folder)
    data = table([row(f"P{number}", "2015-01-25", smart_5_raw=number % 50) for number in range(900)])
    with (
        FaultProxy(account.at.queue, service="Queue") as proxy,
        run_ranges(
            folder,
            range_bytes=6_000,
            workers=2,
            connection_string=proxy.in_front_of(account.connection_string),
            settings=PATIENT,
            options=UNLIMITED,
        ) as app,
    ):
        killer = SenderKiller(app, kills=4)
        proxy.decide = killer
        etag = fleet.drop("big.csv", data)
        undisturbed.expect(fleet, "big", data, etag, seconds=120)
        assert killer.kills == 4
        count = -(-len(data) // 6_000)
        assert killer.sent > count + count // 2, "every range, and every step but the first"
        assert "planned up to range" in app.output
