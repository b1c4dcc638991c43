"""429 over real connections: more requests at once than the app takes, and than the host takes."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import msgspec

from tests.conftest import RunApp
from tests.functions.conftest import HOST_ID
from tests.support.drives import WORN, record
from tests.support.running_app import PROJECT

CALLERS = 8
BATCH = msgspec.json.encode({"drives": [record(**WORN)] * 1000})
"""Long enough in work that several meet."""


def answers(run_app: RunApp, models: Path, settings: Mapping[str, str]) -> list[httpx.Response]:
    """Return the answers to batches that several callers send at once."""
    own = {"MODELS_FOLDER": str(models), "AzureFunctionsWebHost__hostid": f"{HOST_ID}-busy"}
    with run_app(PROJECT, settings={**own, **settings}) as running:
        with httpx.Client(timeout=60) as client, ThreadPoolExecutor(CALLERS) as callers:
            url = f"{running.base_url}/api/predict/batch?reasons=all"
            found = list(callers.map(lambda _: client.post(url, content=BATCH), range(CALLERS * 4)))
            assert client.post(url, content=BATCH).status_code == 200
        return found


def test_more_than_the_app_takes(run_app: RunApp, small_models: Path) -> None:
    settings = {"MAX_REQUESTS_IN_PROGRESS": "1", "PYTHON_THREADPOOL_THREAD_COUNT": str(CALLERS)}
    found = answers(run_app, small_models, settings)
    refused = [answer for answer in found if answer.status_code != 200]
    assert 0 < len(refused) < len(found)
    for answer in refused:
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
        assert answer.headers["retry-after"] == "1"


def test_more_than_the_host_takes(run_app: RunApp, small_models: Path) -> None:
    limit = "AzureFunctionsJobHost__extensions__http__maxOutstandingRequests"
    found = answers(run_app, small_models, {limit: "2"})
    refused = [answer for answer in found if answer.status_code != 200]
    assert 0 < len(refused) < len(found)
    for answer in refused:
        assert (answer.status_code, answer.content) == (429, b"")
        assert answer.headers["x-function-scaleout"] == "1"
        assert "retry-after" not in answer.headers
