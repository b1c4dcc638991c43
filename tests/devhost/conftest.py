"""The app with every trigger, running once for all tests that do not have to break it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from azure.core.exceptions import ResourceNotFoundError

from tests.conftest import RunApp
from tests.support.running_app import RunningApp, RunningAzurite

EVERY_TRIGGER = Path(__file__).parent / "apps" / "every_trigger"


def own_settings(prefix: str) -> dict[str, str]:
    """App settings that give a run of the app containers, a queue and a host id of its own."""
    names = {"CALLS": "calls", "INCOMING": "incoming", "STREAMS": "streams", "ORDERS_QUEUE": "orders"}
    settings = {setting: f"{prefix}-{name}" for setting, name in names.items()}
    return {**settings, "AzureFunctionsWebHost__hostid": f"{prefix}-host"}


class Calls:
    """What the app's functions told about their calls."""

    def __init__(self, azurite: RunningAzurite, container: str = "calls") -> None:
        self._container = azurite.blobs.get_container_client(container)
        self._told: dict[str, dict[str, object]] = {}

    def of(self, function: str, **facts: object) -> list[dict[str, object]]:
        """Calls of a function with these facts, in order."""
        found = []
        try:
            for blob in self._container.list_blobs(name_starts_with=f"{function}/"):
                if blob.name not in self._told:
                    self._told[blob.name] = json.loads(self._container.download_blob(blob.name).readall())
                reported = self._told[blob.name]
                if all(reported.get(name) == value for name, value in facts.items()):
                    found.append(reported)
        except ResourceNotFoundError:
            pass
        return found

    def settled(self, function: str, expected: int, **facts: object) -> list[dict[str, object]]:
        """Wait for a number of calls, then a little longer for one too many."""
        deadline = time.monotonic() + 20
        while len(self.of(function, **facts)) < expected and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.8)
        return self.of(function, **facts)


@pytest.fixture(scope="session")
def app(run_app: RunApp) -> Iterator[RunningApp]:
    """The app under two workers."""
    with run_app(EVERY_TRIGGER, workers=2) as running:
        yield running


@pytest.fixture
def calls(azurite: RunningAzurite) -> Calls:
    """Calls of the shared app."""
    return Calls(azurite)
