"""tools/local_storage.py, run as compose.yaml runs it, against an Azurite of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from functions.blueprints.batch import QUEUES
from functions.storage.containers import GIVEN_UP, HISTORY, PREDICTIONS, RUNS, TELEMETRY
from tests.support.running_app import PROJECT, RunningAzurite


def make(connection: str) -> subprocess.CompletedProcess[str]:
    """Run the script with compose's variables."""
    environment = {**os.environ, "AzureWebJobsStorage": connection, "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, str(PROJECT / "tools" / "local_storage.py")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.slow
def test_it_makes_what_the_app_looks_at_and_can_be_run_again(tmp_path: Path) -> None:
    azurite = RunningAzurite(tmp_path)
    try:
        for _ in range(2):
            done = make(azurite.connection_string)
            assert (done.returncode, done.stderr) == (0, "")
            assert sorted(queue.name for queue in azurite.queues.list_queues()) == sorted(QUEUES)
            assert sorted(container.name for container in azurite.blobs.list_containers()) == sorted(
                [TELEMETRY, PREDICTIONS, RUNS, HISTORY, GIVEN_UP]
            )
        wrong = make(azurite.connection_string.replace("AccountName=devstoreaccount1", "AccountName=other"))
        assert wrong.returncode != 0
    finally:
        azurite.stop()


def test_compose_runs_it_before_the_app() -> None:
    compose = yaml.safe_load((PROJECT / "compose.yaml").read_text())
    storage, app = compose["services"]["storage"], compose["services"]["app"]
    (script,) = storage["configs"]
    assert storage["entrypoint"] == ["python", script["target"]]
    assert compose["configs"][script["source"]] == {"file": "tools/local_storage.py"}
    assert app["depends_on"]["storage"] == {"condition": "service_completed_successfully"}
    assert storage["image"] == app["image"]
    assert storage["environment"]["AzureWebJobsStorage"] == app["environment"]["AzureWebJobsStorage"]
