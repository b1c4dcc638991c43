"""A model replaced while the app answers, by the commands an operator has: no request fails."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest

from tests.conftest import RunApp
from tests.support.drives import WORN, record
from tests.support.model_container import ModelContainer
from tests.support.running_app import PROJECT, RunningAzurite
from tests.support.waiting import wait_until
from training.__main__ import main

CALLERS = 6
DRIVE = record(**WORN)
SETTLED_SECONDS = 3.0
"""Three times as long as the app waits between two looks at the registry."""


class Load:
    """Callers that post one drive again and again, and what they got."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self.answers: Counter[tuple[int, str]] = Counter()
        self.errors: list[str] = []
        self.slowest = 0.0
        self._threads = [threading.Thread(target=self._call) for _ in range(CALLERS)]
        for thread in self._threads:
            thread.start()

    def _call(self) -> None:
        with httpx.Client(base_url=self._base_url, timeout=30) as client:
            while not self._stop.is_set():
                started = time.monotonic()
                try:
                    answer = client.post("/api/predict", json=DRIVE)
                    found = (answer.status_code, str(answer.json().get("model_version")))
                except (httpx.HTTPError, ValueError) as error:
                    with self._lock:
                        self.errors.append(repr(error))
                    continue
                with self._lock:
                    self.answers[found] += 1
                    self.slowest = max(self.slowest, time.monotonic() - started)

    def versions(self, seconds: float) -> set[str]:
        """Return the versions that answered in the next seconds."""
        with self._lock:
            before = self.answers.copy()
        time.sleep(seconds)
        with self._lock:
            return {version for (_, version), count in (self.answers - before).items() if count}

    def stop(self) -> None:
        """Stop the callers."""
        self._stop.set()
        for thread in self._threads:
            thread.join()


@pytest.fixture
def operator(azurite: RunningAzurite) -> list[str]:
    """Options that name the account."""
    return ["--storage", azurite.connection_string]


@pytest.mark.slow
def test_promote_roll_back_and_a_broken_version_under_load(
    run_app: RunApp, model_container: ModelContainer, small_models: Path, operator: list[str]
) -> None:
    for version in ("v1", "v2"):
        assert main(["publish", version, "--models", str(small_models), *operator]) == 0
    assert main(["promote", "v1", *operator]) == 0
    settings = {
        "MODELS_SOURCE": "container",
        "MODELS_REFRESH_SECONDS": "1",
        "MODELS_FOLDER": "nowhere",
        "AzureFunctionsWebHost__hostid": "functions-tests-model-switch",
    }
    with run_app(PROJECT, workers=2, settings=settings) as running:
        load = Load(running.base_url)
        try:
            wait_until(lambda: load.answers[(200, "v1")] > 50, what="answers of v1")
            assert load.versions(0.5) == {"v1"}

            assert main(["promote", "v2", *operator]) == 0
            time.sleep(SETTLED_SECONDS)
            assert load.versions(0.5) == {"v2"}

            assert main(["rollback", *operator]) == 0
            time.sleep(SETTLED_SECONDS)
            assert load.versions(0.5) == {"v1"}

            for fault, printed in (("digest", "has sha256"), ("golden", "scores its golden rows")):
                model_container.upload_broken(small_models, "v2", f"broken-{fault}", fault)
                model_container.registry(["v1", "v2", f"broken-{fault}"], champion=f"broken-{fault}")
                time.sleep(SETTLED_SECONDS)
                assert load.versions(0.5) == {"v1"}
                # Each worker says it, once.
                assert running.output.count(printed) in (1, 2)

            model_container.registry(["v1", "v2"], champion="v2")
            time.sleep(SETTLED_SECONDS)
            assert load.versions(0.5) == {"v2"}
        finally:
            load.stop()
        assert load.errors == []
        assert load.answers.keys() == {(200, "v1"), (200, "v2")}
        assert re.search(r"\bv1\b.*registry", running.output)

        def served() -> tuple[str, list[str]]:
            document = httpx.get(f"{running.base_url}/api/model").json()
            return document["version"], document["aliases"]

        # A worker that had no call for a while looks at the registry behind its first one.
        wait_until(lambda: served() == ("v2", ["champion"]), what="the model of both workers")


@pytest.mark.slow
def test_without_a_model_the_app_says_why_and_recovers(
    run_app: RunApp, model_container: ModelContainer, small_models: Path, operator: list[str]
) -> None:
    settings = {
        "MODELS_SOURCE": "container",
        "MODELS_REFRESH_SECONDS": "1",
        "AzureFunctionsWebHost__hostid": "functions-tests-no-model-there",
    }
    with run_app(PROJECT, settings=settings) as running:
        # The package has models; none of them answers for one that was named elsewhere.
        answer = httpx.post(f"{running.base_url}/api/predict", json=DRIVE, timeout=30)
        assert answer.status_code == 503, running.output
        assert answer.json()["code"] == "model_unusable"
        assert "registry.json" in answer.json()["detail"]
        assert main(["publish", "v2", "--alias", "champion", "--models", str(small_models), *operator]) == 0
        answer = httpx.post(f"{running.base_url}/api/predict", json=DRIVE, timeout=30)
        assert answer.status_code == 200
        assert answer.json()["model_version"] == "v2"
