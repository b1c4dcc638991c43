"""A storage account of its own, and apps on it that score in small ranges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueClient

from functions.batch import run_models
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Scorer
from functions.settings import settings
from tests.conftest import RunApp
from tests.functions.batch.app_here import AppHere
from tests.functions.conftest import Fleet
from tests.support.running_app import PROJECT, RunningApp, RunningAzurite
from tests.support.undisturbed import Undisturbed

RANGE_BYTES = 20_000

SHORT_LEASE = ("--no-azurite", "--message-lease", "30")
"""An app that is stopped at work leaves its message to the lease; the next test cannot wait ten minutes."""

type RunRanges = Callable[..., AbstractContextManager[RunningApp]]


@pytest.fixture(scope="package")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAzurite]:
    """Apart from the session's account, whose app takes every file it sees."""
    running = RunningAzurite(tmp_path_factory.mktemp("azurite-ranges"))
    for name in ("telemetry", "predictions", "runs", "history"):
        running.blobs.create_container(name)
    yield running
    running.stop()


@pytest.fixture
def fleet(account: RunningAzurite) -> Iterator[Fleet]:
    """A folder of the account; the next test's app is not to find its files."""
    found = Fleet(account.blobs)
    yield found
    telemetry = account.blobs.get_container_client("telemetry")
    for name in telemetry.list_blob_names(name_starts_with=f"{found.folder}/"):
        telemetry.delete_blob(name)


@pytest.fixture(scope="package")
def run_ranges(run_app: RunApp, account: RunningAzurite, small_models: Path) -> RunRanges:
    """Run the app, or another one: ``with run_ranges(workers=2) as app: ...``."""

    @contextmanager
    def run(
        folder: Path = PROJECT, *, range_bytes: int = RANGE_BYTES, **options: object
    ) -> Iterator[RunningApp]:
        chosen = {
            "MODELS_FOLDER": str(small_models),
            "RANGE_BYTES": str(range_bytes),
            "AzureFunctionsWebHost__hostid": "functions-tests-ranges",
            **options.pop("settings", {}),  # type: ignore[dict-item]
        }
        given = {"connection_string": account.connection_string, "options": SHORT_LEASE, **options}
        with run_app(folder, **{**given, "settings": chosen}) as app:
            yield app

    return run


@pytest.fixture
def undisturbed(account: RunningAzurite, small_models: Path, tmp_path: Path) -> Undisturbed:
    """What the outputs are to be."""
    return Undisturbed(small_models, tmp_path / "history", account.blobs)


def waiting_in(queue: QueueClient) -> int:
    """Return about how many messages are in a queue, those being worked on included."""
    try:
        return int(queue.get_queue_properties().approximate_message_count or 0)
    except ResourceNotFoundError:
        return 0


@pytest.fixture
def app_here(
    account: RunningAzurite, fleet: Fleet, small_models: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[AppHere]:
    """The app's functions in this process, with settings of their own."""
    models = run_models.Models(Scorer(Model.load(small_models)), None)
    monkeypatch.setattr(run_models, "current", lambda: models)
    monkeypatch.setattr(run_models, "models_named", lambda *_: models)
    monkeypatch.setenv("RANGE_BYTES", str(RANGE_BYTES))
    settings.cache_clear()
    with account.blobs as service:
        yield AppHere(service, fleet)
    settings.cache_clear()
