"""A storage account of its own, and apps on it that score in small ranges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.conftest import RunApp
from tests.functions.conftest import Fleet
from tests.support.running_app import PROJECT, RunningApp, RunningAzurite

RANGE_BYTES = 20_000

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
def fleet(account: RunningAzurite) -> Fleet:
    """A folder of the account."""
    return Fleet(account.blobs)


@pytest.fixture
def run_ranges(run_app: RunApp, account: RunningAzurite, small_models: Path) -> RunRanges:
    """Run the app: ``with run_ranges(workers=2) as app: ...``."""

    @contextmanager
    def run(*, range_bytes: int = RANGE_BYTES, **options: object) -> Iterator[RunningApp]:
        settings = {
            "MODELS_FOLDER": str(small_models),
            "CHUNK_BYTES": str(range_bytes),
            "AzureFunctionsWebHost__hostid": "functions-tests-ranges",
            **options.pop("settings", {}),  # type: ignore[dict-item]
        }
        with run_app(
            PROJECT, connection_string=account.connection_string, settings=settings, **options
        ) as app:
            yield app

    return run
