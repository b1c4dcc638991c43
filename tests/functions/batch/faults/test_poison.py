"""A file that no try can score: it is given up, the summary says so, and it can be replayed."""

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

from functions.blueprints.batch import EVENTS_POISON
from functions.storage.containers import GIVEN_UP
from tests.campaigns.kills import UNLIMITED
from tests.functions.batch.conftest import RunRanges, waiting_in
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
    """Replay the only file that was given up; return the ETag that it has then."""
    records = account.blobs.get_container_client(GIVEN_UP)
    wait_until(lambda: records.exists() and len(list(records.list_blob_names())) == 1, 60, "a record")
    listed = ops_poison(account, "list")
    assert queue in listed
    assert path.rpartition("/")[2] in listed
    assert ops_poison(account, "replay") == f"{path} is being scored again"
    assert not list(records.list_blob_names())
    container, _, name = path.partition("/")
    return str(account.blobs.get_blob_client(container, name).get_blob_properties().etag)


def given_up(fleet: Fleet, stem: str, etag: str, cause: str) -> None:
    """Wait until the summary says that the file was given up, and why."""

    def found() -> bool:
        error = fleet.summary(stem, etag)["error"]
        assert error["code"] == "run_failed"
        return cause in error["detail"] and "poison replay" in error["detail"]

    wait_until(found, 60, "the last word")


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
        assert app.output.count(f"Executing (Reason=new blob telemetry/{name})") == 5
        assert len(re.findall(r"score_event .*Executing \(Reason=message", app.output)) == 5
        given_up(fleet, "day", etag, "registry.json")
        assert len(re.findall(r"give_up_file .*Executing", app.output)) == 1, "it is tried on once"
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
        given_up(fleet, "big", etag, "HttpResponseError; the log has more.")
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
    ("kind", "queue", "kills"),
    [
        ("whole", "telemetry-events", 10),
        ("range", "telemetry-ranges", 5),
        ("announced", "telemetry-events", 5),
    ],
)
def test_a_file_that_kills_every_worker(
    run_ranges: RunRanges,
    fleet: Fleet,
    account: RunningAzurite,
    undisturbed: Undisturbed,
    kind: str,
    queue: str,
    kills: int,
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
                *UNLIMITED,  # on Azure the third worker that dies takes its host with it
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
        given_up(fleet, kind, etag, "the process died")
        assert killer.kills == kills
        proxy.decide = lambda _: None
        now = replay(account, f"{queue}-poison", f"telemetry/{name}")
        if kind == "announced":
            announce(account, name, etag=now)
        undisturbed.expect(fleet, kind, data, now)


@pytest.mark.slow
def test_storage_refuses_the_record(
    run_ranges: RunRanges, fleet: Fleet, account: RunningAzurite, undisturbed: Undisturbed
) -> None:
    """For longer than a poison queue's five tries: the message is put back, and given up when it can be."""
    name = f"{fleet.folder}/day.csv"
    refused: list[str] = []

    def refuse(request: Request) -> Fault | None:
        if request.blob.startswith(name) and request.method == "GET":
            return "403"
        if request.container == GIVEN_UP and request.method == "PUT":
            refused.append(request.blob)
            return "403"
        return None

    poison = account.queues.get_queue_client(EVENTS_POISON)
    with (
        FaultProxy(account.at.blob, refuse) as proxy,
        run_ranges(
            connection_string=proxy.in_front_of(account.connection_string),
            settings=AT_ONCE,
            options=("--no-azurite", "--message-lease", "1"),
        ) as app,
    ):
        etag = fleet.drop("day.csv", WHOLE)
        app.wait_for("could not be given up; it is put back", 120)
        assert len(set(refused)) == 1
        assert len(refused) >= 5
        assert waiting_in(poison) == 1
        proxy.decide = lambda _: None
        now = replay(account, EVENTS_POISON, f"telemetry/{name}")
        assert now != etag
        undisturbed.expect(fleet, "day", WHOLE, now)
        assert waiting_in(poison) == 0


@pytest.mark.slow
@pytest.mark.parametrize("text", ["not base64!", "/w=="])
def test_a_message_that_no_function_can_be_given(
    run_ranges: RunRanges, account: RunningAzurite, text: str
) -> None:
    """It lies in the poison queue and disturbs nobody; the list says that something is there."""
    events = account.queues.get_queue_client("telemetry-events")
    poison = account.queues.get_queue_client(EVENTS_POISON)
    with run_ranges(settings=AT_ONCE, options=("--no-azurite", "--message-lease", "1")) as app:
        events.send_message(text)
        wait_until(lambda: waiting_in(poison) == 1, 30, "the message")
        app.wait_for(f"message .* stays in {EVENTS_POISON}", 30)
        assert "Failed after" not in app.output
        assert " 1." in ops_poison(account, "list")
    poison.clear_messages()
