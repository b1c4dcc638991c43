"""A message that fails five times: it waits in a poison queue, the summary says so, it can be replayed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.functions.batch.conftest import RunRanges, waiting_in
from tests.functions.batch.faults.test_kills import UNLIMITED
from tests.functions.conftest import Fleet
from tests.functions.test_score_event import announce
from tests.support.drives import row, table
from tests.support.fault_proxy import Fault, FaultProxy, Request
from tests.support.port_owner import port_owner
from tests.support.running_app import PROJECT, RunningApp, RunningAzurite
from tests.support.undisturbed import Undisturbed
from tests.support.waiting import wait_until

DAY = "2024-01-25"
WHOLE = table([row(f"W{number}", DAY) for number in range(100)])
RANGES = table([row(f"R{number}", DAY) for number in range(900)])

AT_ONCE = {"AzureFunctionsJobHost__extensions__queues__visibilityTimeout": "00:00:00"}
"""A message that failed is tried again without the pause of host.json."""


def ops_poison(account: RunningAzurite, action: str) -> str:
    """Run ``python -m ops poison`` on the account; return what it prints, in one line."""
    done = subprocess.run(
        [sys.executable, "-m", "ops", "poison", action],
        cwd=PROJECT,
        env={**os.environ, "AzureWebJobsStorage": account.connection_string, "COLUMNS": "250"},
        capture_output=True,
        text=True,
        check=True,
    )
    return " ".join(done.stdout.split())


def replay(account: RunningAzurite, queue: str, path: str) -> str:
    """Replay the only poison message there is; return the ETag that the file has then."""
    poison = account.queues.get_queue_client(queue)
    wait_until(lambda: waiting_in(poison), 60, f"a message in {queue}")
    listed = ops_poison(account, "list")
    assert queue in listed
    assert path.rpartition("/")[2] in listed
    assert ops_poison(account, "replay") == f"{path} is being scored again"
    assert not waiting_in(poison)
    container, _, name = path.partition("/")
    return str(account.blobs.get_blob_client(container, name).get_blob_properties().etag)


@pytest.mark.slow
def test_a_whole_file(
    run_ranges: RunRanges,
    fleet: Fleet,
    account: RunningAzurite,
    undisturbed: Undisturbed,
    small_models: Path,
    tmp_path: Path,
) -> None:
    """No model can be loaded; then it is there."""
    name = f"{fleet.folder}/day.csv"
    models = tmp_path / "models"
    models.mkdir()
    with run_ranges(settings=AT_ONCE | {"MODELS_FOLDER": str(models)}) as app:
        etag = fleet.drop("day.csv", WHOLE)
        app.wait_for("failed 5 times: moved to queue telemetry-events-poison", 60)
        assert app.output.count(f"Executing (Reason=new blob telemetry/{name})") == 1
        assert len(re.findall(r"score_event .*Executing \(Reason=message", app.output)) == 5
        told = fleet.summary("day", etag, 0)
        assert told["status"] == "failed"
        assert "This was the last of five tries" in told["error"]["detail"]
        shutil.copytree(small_models, models, dirs_exist_ok=True)
        now = replay(account, "telemetry-events-poison", f"telemetry/{name}")
        assert now != etag
        undisturbed.expect(fleet, "day", WHOLE, now)


@pytest.mark.slow
def test_a_range(
    run_ranges: RunRanges, fleet: Fleet, account: RunningAzurite, undisturbed: Undisturbed
) -> None:
    """One range cannot leave its record; the others are done and wait."""
    name = f"{fleet.folder}/big.csv"

    def refuse(request: Request) -> Fault | None:
        broken = request.blob.startswith(f"{name}/") and request.blob.endswith("/000001.0.json")
        return "403" if broken and request.method == "PUT" else None

    with (
        FaultProxy(account.at.blob, refuse) as proxy,
        run_ranges(connection_string=proxy.in_front_of(account.connection_string), settings=AT_ONCE) as app,
    ):
        etag = fleet.drop("big.csv", RANGES)
        app.wait_for("failed 5 times: moved to queue telemetry-ranges-poison", 120)
        told = fleet.summary("big", etag)
        assert told["status"] == "failed"
        assert "its message waits in the poison queue" in told["error"]["detail"]
        assert fleet.outputs() == ["big.summary.json"]
        proxy.decide = lambda _: None
        now = replay(account, "telemetry-ranges-poison", f"telemetry/{name}")
        undisturbed.expect(fleet, "big", RANGES, now)


class Killer:
    """Kills every worker that gets to a certain request."""

    def __init__(self, app: RunningApp, fatal: Callable[[Request], bool]) -> None:
        self._app = app
        self._fatal = fatal
        self.kills = 0

    def __call__(self, request: Request) -> Fault | None:
        if not self._fatal(request):
            return None
        pid = port_owner(request.port, self._app.worker_pids())
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        self.kills += 1
        return "reset"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "queue", "said"),
    [
        ("whole", "webjobs-blobtrigger", "earlier tries of this file ended without a word"),
        ("range", "telemetry-ranges", "The last of five tries has begun"),
        ("announced", "telemetry-events", "The last of five tries has begun"),
    ],
)
def test_a_file_that_kills_every_worker(
    run_ranges: RunRanges,
    fleet: Fleet,
    account: RunningAzurite,
    undisturbed: Undisturbed,
    kind: str,
    queue: str,
    said: str,
) -> None:
    """As one does that takes all memory: nobody lives to say that it failed."""
    name = f"{fleet.folder}/{kind}.csv"
    data = RANGES if kind == "range" else WHOLE

    def fatal(request: Request) -> bool:
        if kind == "range":
            return request.blob.startswith(f"{name}/") and request.blob.endswith("/000001.0.rows.arrow")
        return (request.method, request.blob) == ("GET", name)

    with (
        FaultProxy(account.at.blob) as proxy,
        run_ranges(
            connection_string=proxy.in_front_of(account.connection_string),
            settings=AT_ONCE,
            options=(
                *UNLIMITED,  # five workers die: on Azure the third takes its host with it
                *(["--no-blob-watch"] if kind == "announced" else []),
            ),
        ) as app,
    ):
        killer = Killer(app, fatal)
        proxy.decide = killer
        etag = fleet.drop(f"{kind}.csv", data)
        if kind == "announced":
            announce(account, name, etag=etag)
        app.wait_for(f"moved to queue {queue}-poison", 120)
        assert killer.kills == 5
        told = fleet.summary(kind, etag, 0)
        assert (told["status"], told["error"]["code"]) == ("failed", "run_failed")
        assert said in told["error"]["detail"]
        died = "If this summary stays, the process died before it could say why: most likely it ran out of"
        assert died in told["error"]["detail"]
        proxy.decide = lambda _: None
        now = replay(account, f"{queue}-poison", f"telemetry/{name}")
        if kind == "announced":
            announce(account, name, etag=now)
        undisturbed.expect(fleet, kind, data, now)
