"""Every message twice, out of order, and late: nothing changes."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from functions.batch.plan import plan
from functions.batch.range_message import RangeMessage
from functions.storage.pinned_blob import PinnedBlob
from tests.functions.batch.conftest import RANGE_BYTES, RunRanges, waiting_in
from tests.functions.conftest import Fleet
from tests.support.drives import WORN, row, table
from tests.support.mortal_worker import FILE, MortalWorkers
from tests.support.running_app import RunningAzurite
from tests.support.undisturbed import Undisturbed
from tests.support.waiting import wait_until

DAY = "2019-01-25"
ROWS = [row(f"S{number}", DAY, smart_5_raw=number % 60) for number in range(1_200)]
TWICE = [row(f"S{number}", DAY, **WORN) for number in range(0, 400, 9)]
DATA = table([*ROWS, "oops", *TWICE])


def outputs(fleet: Fleet) -> dict[str, tuple[bytes, object]]:
    """Read what was published, with the metadata that tell by which run."""
    return {name: (fleet.output(name), fleet.metadata(name)) for name in fleet.outputs()}


def planned(account: RunningAzurite, name: str) -> list[RangeMessage]:
    """Plan a file's ranges as the app does."""
    blob = account.blobs.get_blob_client("telemetry", name)
    return plan(PinnedBlob.open(blob), RANGE_BYTES, "v2")


@pytest.mark.slow
def test_by_devhost(
    run_ranges: RunRanges, fleet: Fleet, account: RunningAzurite, undisturbed: Undisturbed
) -> None:
    """Copies of all messages, last first, beside the app's own; then all of them late."""
    queue = account.queues.get_queue_client("telemetry-ranges")

    def send(task: RangeMessage) -> None:
        queue.send_message(base64.b64encode(task.encode().encode()).decode())

    with run_ranges(workers=2, options=("--no-azurite", "--message-lease", "1")) as app:
        etag = fleet.drop("big.csv", DATA)
        app.wait_for(r"big\.csv: .*4 ranges to score", 60)
        tasks = planned(account, f"{fleet.folder}/big.csv")
        for task in reversed(tasks):
            send(task)
        undisturbed.expect(fleet, "big", DATA, etag)
        wait_until(lambda: not waiting_in(queue), 60, "the empty queue")
        before = outputs(fleet)
        for task in tasks:
            send(task)
        for task in tasks:
            app.wait_for(
                rf"{fleet.folder}/big\.csv, range {task.index}: .* has been scored by v2 already", 60
            )
        wait_until(lambda: not waiting_in(queue), 60, "the empty queue")
        assert outputs(fleet) == before
    assert not waiting_in(account.queues.get_queue_client("telemetry-ranges-poison"))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_three_at_once_in_any_order(
    fleet: Fleet, account: RunningAzurite, undisturbed: Undisturbed, small_models: Path, seed: int
) -> None:
    """Every message twice, and that of the whole file once more when all is done."""
    settings = {
        "AzureWebJobsStorage": account.connection_string,
        "MODELS_FOLDER": str(small_models),
        "RANGE_BYTES": str(RANGE_BYTES),
    }
    workers = MortalWorkers(settings, seed)
    files = {"whole": table([*ROWS[:150], "oops", *TWICE[:5]]), "big": DATA}
    etags = {name: fleet.drop(f"{name}.csv", data) for name, data in files.items()}
    messages = [f"{FILE}{fleet.folder}/{name}.csv" for name in files]
    workers.work(messages * 2, copies=2)
    for name, data in files.items():
        undisturbed.expect(fleet, name, data, etags[name], seconds=0)
    before = outputs(fleet)
    workers.work(messages)
    assert outputs(fleet) == before
