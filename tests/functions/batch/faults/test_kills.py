"""Workers killed with SIGKILL at random points of their work: every file ends as if nobody had been."""

from __future__ import annotations

import logging
import os
import random
import signal
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from tests.functions.batch.conftest import RunRanges
from tests.functions.conftest import Fleet
from tests.support.drives import WORN, row, table
from tests.support.fault_proxy import APP_CONTAINERS, Fault, FaultProxy, Request
from tests.support.mortal_worker import FILE, MortalWorkers
from tests.support.port_owner import port_owner
from tests.support.running_app import RunningApp, RunningAzurite
from tests.support.undisturbed import Undisturbed

_log = logging.getLogger(__name__)

KILLS = int(os.environ.get("DRIVECAST_KILLS", "24"))
"""Of processes that are forks of a warm one; a campaign sets more."""

DEVHOST_KILLS = max(3, KILLS // 6)
"""Of devhost's workers, which take a second or two each to come back."""

RANGE_BYTES = 12_000

PATIENT = {
    "AzureFunctionsJobHost__extensions__queues__maxDequeueCount": "1000",
    "AzureFunctionsJobHost__extensions__blobs__poisonBlobThreshold": "1000",
    "AzureFunctionsJobHost__extensions__queues__visibilityTimeout": "00:00:00",
}
"""A message whose worker dies five times goes to the poison queue; here it is not the message's fault, and it
comes again without the half-minute of host.json."""

UNLIMITED = ("--no-azurite", "--message-lease", "1", "--worker-deaths", "0")
"""More workers are killed than the host lives through; a note of what one held may be lost with it, so that
its message waits for the lease."""


def files(day: str, whole: int, ranges: int) -> dict[str, bytes]:
    """Make files of both kinds, with rejects and with drives that are there twice."""
    made = {}
    for number in range(whole):
        rows = [row(f"W{number}-{n}", day, smart_5_raw=n % 50) for n in range(100 + number)]
        made[f"whole{number}"] = table([*rows, "oops"])
    for number in range(ranges):
        rows = [row(f"R{number}-{n}", day, smart_5_raw=n % 50) for n in range(700 + number)]
        again = [row(f"R{number}-{n}", day, **WORN) for n in range(0, 300, 70)] if number else []
        made[f"ranges{number}"] = table([*rows[:400], "oops", *rows[400:], *again])
    return made


def week_before(day: str) -> bytes:
    """Make the past of some of the drives."""
    serials = [f"W{number}-{n}" for number in range(8) for n in range(0, 90, 9)]
    return table([row(serial, day) for serial in (*serials, *(f"R0-{n}" for n in range(0, 700, 9)))])


@pytest.mark.slow
def test_kills_at_any_moment(
    fleet: Fleet,
    account: RunningAzurite,
    undisturbed: Undisturbed,
    small_models: Path,
) -> None:
    settings = {
        "AzureWebJobsStorage": account.connection_string,
        "MODELS_FOLDER": str(small_models),
        "RANGE_BYTES": str(RANGE_BYTES),
    }
    workers = MortalWorkers(settings, seed=6)
    week = week_before("2017-01-18")
    etag = fleet.drop("week.csv", week)
    workers.work([f"{FILE}{fleet.folder}/week.csv"])
    undisturbed.expect(fleet, "week", week, etag)
    made = files("2017-01-25", 4, 3)
    while workers.kills < KILLS:
        etags = {name: fleet.drop(f"{name}.csv", data) for name, data in made.items()}
        workers.work([f"{FILE}{fleet.folder}/{name}.csv" for name in made], kills=KILLS)
        for name, data in made.items():
            undisturbed.expect(fleet, name, data, etags[name], seconds=0)
    _log.info("%d kills in %d tries", workers.kills, workers.tries)


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
    workers.work(
        [f"{FILE}{fleet.folder}/{name}.csv" for name in made], kills=KILLS // 2, share=0.5, copies=copies
    )
    assert workers.kills >= KILLS // 4
    for name, data in made.items():
        undisturbed.expect(fleet, name, data, etags[name], seconds=0)


class Killer:
    """Kills the worker that sends a request: before the request arrives, or at some moment after it."""

    def __init__(self, app: RunningApp, seed: int) -> None:
        self._app = app
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self.kills = 0

    def __call__(self, request: Request) -> Fault | None:
        if request.container not in APP_CONTAINERS or not request.blob:
            return None
        with self._lock:
            if self.kills >= DEVHOST_KILLS or self._random.random() > 1 / 20:
                return None
            pid = port_owner(request.port, self._app.worker_pids())
            if pid is None:
                return None
            self.kills += 1
            later = self._random.choice([None, self._random.uniform(0, 0.1)])
        if later is None:
            self._kill(pid)
            return "reset"
        threading.Timer(later, self._kill, [pid]).start()
        return None

    @staticmethod
    def _kill(pid: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.slow
def test_workers_of_devhost_killed(
    run_ranges: RunRanges, fleet: Fleet, account: RunningAzurite, undisturbed: Undisturbed
) -> None:
    with (
        FaultProxy(account.at.blob) as proxy,
        run_ranges(
            range_bytes=RANGE_BYTES,
            workers=2,
            connection_string=proxy.in_front_of(account.connection_string),
            settings=PATIENT,
            options=UNLIMITED,
        ) as app,
    ):
        killer = Killer(app, seed=6)
        proxy.decide = killer
        number = 0
        while killer.kills < DEVHOST_KILLS:
            number += 1
            made = {f"{name}-{number}": data for name, data in files("2018-01-25", 2, 2).items()}
            etags = {name: fleet.drop(f"{name}.csv", data) for name, data in made.items()}
            for name, data in made.items():
                undisturbed.expect(fleet, name, data, etags[name], seconds=600)
        # One may have been dying already when it was killed again.
        assert app.output.count("died (signal 9)") >= DEVHOST_KILLS // 2
