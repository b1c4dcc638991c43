"""Accounts of ops' own (what was given up is one for all apps), a real app on one, and a CLI that replays."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ResourceNotFoundError

from functions.storage.containers import GIVEN_UP
from ops.app.storage_account import SETTING
from ops.poison.records import QUEUES
from tests.conftest import RunApp
from tests.support.python_program import write_program
from tests.support.running_app import PROJECT, RunningApp, RunningAzurite

type Answers = dict[str, Any]
type ReplayCli = Callable[[Answers], Path]

FAKE_CLI = """# Stands in for the Azure CLI, which cannot be signed in here: answers by the command's words.
import json, pathlib, sys
here = pathlib.Path(__file__).parent
words = []
for argument in sys.argv[1:]:
    if argument.startswith("-"):
        break
    words.append(argument)
with (here / "asked.txt").open("a") as log:
    log.write(" ".join(sys.argv[1:]) + chr(10))
answers = json.loads((here / "answers.json").read_text())
answer = answers.get(" ".join(words))
if isinstance(answer, list) and answer[:1] == ["in turn"]:
    # One answer after the other, and the last one for ever.
    (here / "turns").mkdir(exist_ok=True)
    turn = here / "turns" / "-".join(words)
    count = int(turn.read_text()) if turn.exists() else 0
    turn.write_text(str(count + 1))
    answer = answer[1:][min(count, len(answer) - 2)]
if answer is None:
    sys.exit(f"ERROR: ({' '.join(words)}) was not found.")
if isinstance(answer, dict) and "error" in answer:
    sys.exit(answer["error"])
print(json.dumps(answer))
"""


@pytest.fixture(scope="session")
def ops_azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAzurite]:
    """Azurite for the tests of ops alone; no app watches it, so files stay as they are put."""
    running = RunningAzurite(tmp_path_factory.mktemp("ops-azurite"))
    running.blobs.create_container("telemetry")
    running.blobs.create_container("predictions")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def app_azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAzurite]:
    """Azurite that `ops_app` watches."""
    running = RunningAzurite(tmp_path_factory.mktemp("app-azurite"))
    yield running
    running.stop()


@pytest.fixture
def account(ops_azurite: RunningAzurite, monkeypatch: pytest.MonkeyPatch) -> RunningAzurite:
    """The account without an app, as a command without options finds it; nothing is given up."""
    monkeypatch.setenv(SETTING, ops_azurite.connection_string)
    for each in QUEUES:
        queue = ops_azurite.queues.get_queue_client(each)
        try:
            queue.clear_messages()
        except ResourceNotFoundError:
            queue.create_queue()
    given_up = ops_azurite.blobs.get_container_client(GIVEN_UP)
    for name in given_up.list_blob_names() if given_up.exists() else ():
        given_up.delete_blob(name)
    return ops_azurite


@pytest.fixture(scope="session")
def ops_app(run_app: RunApp, app_azurite: RunningAzurite) -> Iterator[RunningApp]:
    """The app of this folder with its committed models, answering."""
    options = {"connection_string": app_azurite.connection_string}
    with run_app(PROJECT, settings={"AzureFunctionsWebHost__hostid": "ops-tests"}, **options) as running:
        yield running


@pytest.fixture
def app_account(
    ops_app: RunningApp, app_azurite: RunningAzurite, monkeypatch: pytest.MonkeyPatch
) -> RunningAzurite:
    """The account of `ops_app`, as a command without options finds it."""
    monkeypatch.setenv(SETTING, app_azurite.connection_string)
    return app_azurite


@pytest.fixture
def replay_cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReplayCli:
    """Put an ``az`` on PATH that replays answers; in the folder it returns, asked.txt says what was asked."""

    def put(answers: Answers) -> Path:
        folder = tmp_path / "cli"
        folder.mkdir(exist_ok=True)
        (folder / "answers.json").write_text(json.dumps(answers))
        write_program(folder / "az", FAKE_CLI)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        return folder

    return put
