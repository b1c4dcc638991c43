"""How many deaths of workers end devhost."""

import os
import signal
from pathlib import Path

import pytest

from devhost.supervisor import DEATHS_PER_WORKER, Deaths
from devhost.worker_options import TIMED_OUT, WORKERS_KEEP_DYING
from tests.conftest import RunApp
from tests.devhost.test_main import HTTP_APP, devhost
from tests.support.running_app import RunningApp
from tests.support.waiting import wait_until

KILLED = -int(signal.SIGKILL)
MINUTE = 60.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "host.json").write_text('{"version": "2.0"}')
    (tmp_path / "function_app.py").write_text(HTTP_APP)
    return tmp_path


def test_the_third_death_is_the_last() -> None:
    deaths = Deaths(DEATHS_PER_WORKER)
    assert [deaths.add(KILLED, now) for now in (1000.0, 1001.0, 1002.0)] == [False, False, True]


def test_half_an_hour_without_a_death_forgets_those_before() -> None:
    """As in AddOrUpdateErrorBucket: the pause since the last one counts, not the time since the first."""
    deaths = Deaths(3)
    times = [0.0, 30 * MINUTE, 61 * MINUTE, 62 * MINUTE, 90 * MINUTE]
    assert [deaths.add(KILLED, 1000.0 + time) for time in times] == [False, False, False, False, True]


def test_what_the_host_does_itself_and_what_it_does_not_hear_of_does_not_count() -> None:
    deaths = Deaths(1)
    assert not deaths.add(TIMED_OUT, 1000.0)
    assert not deaths.add(0, 1001.0)
    assert deaths.add(1, 1002.0)


def test_0_is_no_limit() -> None:
    deaths = Deaths(0)
    assert not any(deaths.add(KILLED, 1000.0 + number) for number in range(100))


def kill_the_worker(running: RunningApp, times: int) -> None:
    for died in range(times):
        wait_until(running.worker_pids, what="a worker")
        os.kill(running.worker_pids()[0], signal.SIGKILL)
        wait_until(lambda: running.output.count("died (signal 9)") == died + 1, what="its death")  # noqa: B023


def test_devhost_ends_as_the_host_does(run_app: RunApp, folder: Path) -> None:
    with run_app(folder) as running:
        kill_the_worker(running, 3)
        assert running.process.wait(30) == WORKERS_KEEP_DYING == 75
        last = running.output.strip().splitlines()[-1]
        for named in (" w0 ", "signal 9", " 3 ", "--worker-deaths"):
            assert named in last


def test_the_limit_is_raised(run_app: RunApp, folder: Path) -> None:
    with run_app(folder, options=("--no-azurite", "--worker-deaths", "0")) as running:
        kill_the_worker(running, 4)
        wait_until(running.worker_pids, what="the restart")
        assert running.process.poll() is None


@pytest.mark.slow
def test_help_and_wrong_usage(folder: Path) -> None:
    reported = " ".join(devhost(folder, "--help").stdout.split())
    assert f" {WORKERS_KEEP_DYING} " in reported
    assert "--message-lease SECONDS" in reported
    assert "(default: 600)" in reported
    assert devhost(folder, "--worker-deaths", "-1").returncode == 2
