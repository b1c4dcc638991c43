"""What threads of the app's own have to say is logged where the host sees it: within an invocation.

The worker asks the runtime library's context variable, in the thread that logs, which invocation a line
belongs to, and the host drops every line that belongs to none. So that variable decides here.
"""

from __future__ import annotations

import ast
import logging
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import override

import pytest
from azure_functions_runtime.utils.executor import invocation_id_cv, run_sync_func

from functions.call_threads import CallThreads
from functions.errors import DrivecastError
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Scorer
from functions.serving.container_models import ContainerModels
from tests.support.counting_store import CountingStore
from tests.support.drives import row, score, table
from tests.support.model_container import ModelContainer
from tests.support.running_app import PROJECT
from tests.support.waiting import wait_until


class Lines(logging.Handler):
    """Keeps what the app logs, each line with its invocation."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.messages: list[tuple[str | None, str]] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append((invocation_id_cv.get(), record.getMessage()))


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler = Lines()
    app = logging.getLogger("functions")
    before = app.level
    app.addHandler(handler)
    app.setLevel(logging.INFO)
    yield handler
    app.removeHandler(handler)
    app.setLevel(before)


def invoke[T](invocation: str, work: Callable[[], T]) -> T:
    """Run work as the library runs a function: on a thread of a pool, under an invocation's id."""
    context = SimpleNamespace(thread_local_storage=SimpleNamespace())
    with ThreadPoolExecutor(1) as pool:
        found: T = pool.submit(run_sync_func, invocation, context, lambda _: work(), {"_": None}).result()
    return found


def test_the_registrys_thread_leaves_its_lines_to_the_next_call(
    v1_answers: ModelContainer, store: CountingStore, lines: Lines
) -> None:
    v1_answers.record_digests()
    models = ContainerModels(store, "champion", 60)

    def look(invocation: str) -> None:
        models._due = 0.0
        invoke(invocation, models.current)
        wait_until(lambda: not models._refreshing.locked(), what="the refresh")

    invoke("first", models.current)
    ((by, text),) = lines.messages
    assert by == "first"
    assert re.search(rf"\bv1\b.*{re.escape(store.where)}", text)
    v1_answers.put("registry.json", b"{broken")
    look("refused")
    assert len(lines.messages) == 1, "nobody has said it yet"
    invoke("next", models.current)
    assert lines.messages[1][0] == "next"
    assert re.search(r"\bv1\b.*: registry\.json", lines.messages[1][1])
    v1_answers.registry(["v1", "v2"], champion="v2")
    v1_answers.record_digests()
    look("promoted")
    invoke("last", models.current)
    invoke("silent", models.current)
    assert lines.messages[2:] == [("last", f"model v2 answers, from {store.where}")]


def test_what_nobody_foresaw_is_said_too(
    v1_answers: ModelContainer, store: CountingStore, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    v1_answers.record_digests()
    models = ContainerModels(store, "champion", 0)
    invoke("first", models.current)
    monkeypatch.setattr(CountingStore, "registry", lambda *_: 1 / 0)
    invoke("failing", models.current)
    wait_until(lambda: not models._refreshing.locked(), what="the refresh")
    invoke("next", models.current)
    assert [by for by, _ in lines.messages[1:]] == ["next"]


def test_a_challenger_that_fails_in_a_scoring_thread(
    small_models: Path, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    champion, challenger = (Scorer(Model.load(small_models, version)) for version in ("v1", "v2"))

    def fail(*_: object) -> None:
        raise DrivecastError("A test.")

    monkeypatch.setattr(challenger, "score", fail)
    engine = CsvEngine(champion, 2, challenger=challenger)
    invoke("a file", lambda: score(engine, table([row("A"), row("B")])))
    assert [invocation for invocation, _ in lines.messages] == ["a file"]
    assert "challenger v2 failed at line 2" in lines.messages[0][1]


def test_work_handed_over_keeps_its_invocation() -> None:
    def ask(pool: ThreadPoolExecutor) -> str | None:
        with pool:
            found: str | None = pool.submit(invocation_id_cv.get).result()
        return found

    assert invoke("one", lambda: ask(CallThreads(1))) == "one"
    assert invoke("one", lambda: ask(ThreadPoolExecutor(1))) is None, "why it is needed"


def test_no_other_threads_are_started() -> None:
    """Whoever starts one has to think of its lines: pools are `CallThreads`."""
    starting = set()
    for path in sorted((PROJECT / "functions").rglob("*.py")):
        names = {
            alias.name
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.ImportFrom) and node.module in ("concurrent.futures", "threading")
            for alias in node.names
        }
        if names & {"Thread", "ThreadPoolExecutor", "Timer"}:
            starting.add(path.name)
    assert starting == {"call_threads.py", "container_models.py"}
