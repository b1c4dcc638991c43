"""Processes killed while they score what smartctl prints: the outputs are as if nobody had been."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from tests.functions.conftest import Fleet
from tests.support.mortal_worker import FILE, MortalWorkers
from tests.support.running_app import RunningAzurite
from tests.support.smartctl_outputs import output, recorded
from tests.support.undisturbed import Undisturbed

NOON = int(dt.datetime(2046, 4, 9, 12, tzinfo=dt.UTC).timestamp())
DRIVES = [
    output(f"S{number}", raw={5: number % 60, 187: 0, 197: number % 7, 198: 0}, local_time={"time_t": NOON})
    for number in range(1_500)
]


@pytest.mark.slow
def test_whatever_moment(
    fleet: Fleet, account: RunningAzurite, undisturbed: Undisturbed, small_models: Path
) -> None:
    """Larger than RANGE_BYTES, and in one piece all the same."""
    settings = {
        "AzureWebJobsStorage": account.connection_string,
        "MODELS_FOLDER": str(small_models),
        "RANGE_BYTES": "20000",
    }
    documents = [*DRIVES, recorded("nvme-970-evo-plus"), *DRIVES[:40]]
    data = json.dumps(documents, indent=1).encode()
    etag = fleet.drop("day.json", data)
    workers = MortalWorkers(settings, seed=21)
    workers.work([f"{FILE}{fleet.folder}/day.json"], kills=5, copies=2)
    assert workers.kills
    told = undisturbed.expect(fleet, "day", data, etag, seconds=0, ending=".json")
    assert told["lines"] == {"data": 1_541, "accepted": 1_500, "rejected": 41}
