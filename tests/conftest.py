"""Fixtures of every test: a real Azurite, and apps running under devhost, shared by the whole run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.model_container import model_container  # noqa: F401 - a fixture of every test
from tests.support.running_app import RunningApp, RunningAzurite, running_app
from tests.support.small_model import small_models  # noqa: F401 - a fixture of every test
from tests.support.speeds import Guard, mark_slow

type RunApp = Callable[..., AbstractContextManager[RunningApp]]


# How long an example takes says little on a machine that does other things too.
settings.register_profile("drivecast", deadline=None)
settings.load_profile("drivecast")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--update-golden``: write tests/golden anew; look at the difference before committing."""
    parser.addoption("--update-golden", action="store_true", help="write tests/golden anew")


def pytest_configure(config: pytest.Config) -> None:
    """Watch what tests start."""
    config.pluginmanager.register(Guard())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow, and run it last."""
    mark_slow(items)
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAzurite]:
    """Azurite on free ports; ``.connection_string``, ``.blobs`` and ``.queues`` reach it."""
    running = RunningAzurite(tmp_path_factory.mktemp("azurite"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def run_app(azurite: RunningAzurite, tmp_path_factory: pytest.TempPathFactory) -> RunApp:
    """Run an app, ``with run_app(folder, workers=2) as running: ...``; see tests/support/running_app.py."""
    folder: Path = tmp_path_factory.mktemp("devhost")

    def run(app: Path, **options: object) -> AbstractContextManager[RunningApp]:
        connection = str(options.pop("connection_string", azurite.connection_string))
        return partial(running_app, app, connection, folder)(**options)  # type: ignore[arg-type]

    return run
