"""A message that fails five times: it waits in a poison queue, the summary says so, it can be replayed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from azure.storage.queue import QueueClient

from ops.poison.queue import BLOB_TRIGGER
from ops.poison.replay import replay
from tests.functions.batching.conftest import RunRanges, waiting_in
from tests.functions.conftest import Fleet
from tests.support.drives import row, table
from tests.support.fault_proxy import Fault, FaultProxy, Request
from tests.support.running_app import RunningAzurite
from tests.support.undisturbed import Undisturbed
from tests.support.waiting import wait_until

DAY = "2024-01-25"
WHOLE = table([row(f"W{number}", DAY) for number in range(100)])
RANGES = table([row(f"R{number}", DAY) for number in range(900)])

AT_ONCE = {"AzureFunctionsJobHost__extensions__queues__visibilityTimeout": "00:00:00"}
"""A message that failed is tried again without the half-minute of host.json."""


def replay_of(account: RunningAzurite, name: str, path: str) -> str:
    """Replay the only message of a poison queue, as ``python -m ops poison replay`` does."""
    queue: QueueClient = account.queues.get_queue_client(name)
    wait_until(lambda: waiting_in(queue), 120, f"a message in {name}")
    told = [replay(account.blobs, queue, message) for message in queue.receive_messages()]
    assert {each.path for each in told} == {path}
    assert not waiting_in(queue)
    return told[0].result


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
    models = tmp_path / "models"
    models.mkdir()
    with run_ranges(settings=AT_ONCE | {"MODELS_FOLDER": str(models)}) as app:
        etag = fleet.drop("day.csv", WHOLE)
        told = fleet.summary("day", etag, 120)
        assert told["status"] == "failed"
        assert "It is tried again, five times in all" in told["error"]["detail"]
        app.wait_for("failed 5 times: moved to queue webjobs-blobtrigger-poison", 60)
        assert app.output.count("Executing (Reason=new blob") == 5
        shutil.copytree(small_models, models, dirs_exist_ok=True)
        assert replay_of(account, BLOB_TRIGGER.name, f"telemetry/{fleet.folder}/day.csv") == "replayed"
        now = str(
            account.blobs.get_blob_client("telemetry", f"{fleet.folder}/day.csv").get_blob_properties().etag
        )
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
        assert fleet.outputs() == ["big.progress.json", "big.summary.json"]
        proxy.decide = lambda _: None
        assert replay_of(account, "telemetry-ranges-poison", f"telemetry/{name}") == "replayed"
        now = str(account.blobs.get_blob_client("telemetry", name).get_blob_properties().etag)
        undisturbed.expect(fleet, "big", RANGES, now)
