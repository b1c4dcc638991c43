"""150 requests at once on the threads of Microsoft's runtime library: who is answered, refused, kept waiting.

Forecasts are held until all others have been answered: what is seen does not hang on the machine's speed.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from functions.platform_settings import PLATFORM_SETTINGS, THREADS, thread_count, too_few_threads
from functions.settings import MAX_REQUESTS_IN_PROGRESS
from tests.support.drives import WORN, record
from tests.test_function_app import run

pytestmark = pytest.mark.slow

CALLERS = 150
LIMIT = int(MAX_REQUESTS_IN_PROGRESS.default)

ASK = """
import asyncio, json, logging, sys, threading
from pathlib import Path
from tests.support.worker_threads import ThreadedRuntime, settled

logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
runtime = ThreadedRuntime(Path.cwd())
from functions.blueprints import predict
held, made = threading.Event(), predict.forecasts
def forecasts(*arguments):
    held.wait(60)
    return made(*arguments)
predict.forecasts = forecasts

async def all_at_once(body):
    await runtime.ask("health")  # the model is loaded
    asking = [asyncio.create_task(runtime.ask("predict", body)) for _ in range(int(sys.argv[2]))]
    early = await settled(asking)
    probes = [asyncio.create_task(runtime.ask(name)) for name in ("health", "ping", "oip_ready", "wildcard")]
    probed = await settled(probes)
    held.set()
    await asyncio.gather(*probes)
    every = await asyncio.gather(*asking)
    return early, probed, every

print(json.dumps(asyncio.run(all_at_once(sys.argv[1].encode()))))
"""


def all_at_once(models: Path, **settings: str) -> tuple[list[int], list[int], list[int]]:
    """Return the statuses of those answered while forecasts are held, of probes meanwhile, and of all."""
    body = json.dumps(record(**WORN))
    early, probed, every = run(ASK, body, str(CALLERS), MODELS_FOLDER=str(models), **settings)
    return early, probed, every


def test_none_waits_unseen(small_models: Path) -> None:
    early, probed, every = all_at_once(small_models, **{THREADS.name: THREADS.value})
    assert early == [429] * (CALLERS - LIMIT)
    assert sorted(probed) == [200, 200, 200, 404]
    assert sorted(every) == [200] * LIMIT + [429] * (CALLERS - LIMIT)


def test_fewer_threads_than_the_limit(small_models: Path) -> None:
    """As it was: all wait, health too, and nobody is told."""
    early, probed, every = all_at_once(small_models, **{THREADS.name: "6"})
    assert (early, probed) == ([], [])
    assert every == [200] * CALLERS


@pytest.mark.parametrize(
    ("text", "count"), [("32", 32), ("1", 1), ("", None), (None, None), ("0", None), ("many", None)]
)
def test_threads_are_counted_as_the_library_does(text: str | None, count: int | None) -> None:
    code = (
        "import azure_functions_runtime as library; library.start_threadpool_executor(); "
        "print(library.get_threadpool_executor()._max_workers)"
    )
    environment = {} if text is None else {THREADS.name: text}
    assert thread_count(environment) == run(code, **environment)
    assert count in (None, thread_count(environment))


def test_the_limit_is_below_the_threads_that_deployments_set() -> None:
    assert too_few_threads(LIMIT, {setting.name: setting.value for setting in PLATFORM_SETTINGS}) is None
    assert int(THREADS.value) >= LIMIT + 8


@pytest.mark.parametrize(
    ("limit", "environment", "said"),
    [
        (32, {THREADS.name: "32"}, f"is 32, but {THREADS.name} is 32: .* Set {THREADS.name} to 40, or"),
        (64, {THREADS.name: "32"}, f"is 64, but {THREADS.name} is 32: .* Set {THREADS.name} to 72, or"),
        (33, {}, rf"is 33, but {THREADS.name} is not set, which here makes \d+: .* to 41, or"),
    ],
)
def test_a_limit_that_cannot_be_reached_is_said(limit: int, environment: dict[str, str], said: str) -> None:
    fault = too_few_threads(limit, environment)
    assert fault is not None
    assert re.search(said, fault), fault
    assert fault.startswith("MAX_REQUESTS_IN_PROGRESS ")


FIRST = """
import json, logging, sys
from pathlib import Path
from devhost.runtime import HttpInput, Runtime
said = []
class Kept(logging.Handler):
    def emit(self, record):
        said.append(record.getMessage())
logging.getLogger().addHandler(Kept(logging.WARNING))
runtime = Runtime(Path.cwd())
loaded = len(said)
predict = next(function for function in runtime.functions if function.name == "predict")
for _ in range(3):
    request = HttpInput("POST", "http://localhost/api/predict", {}, {}, {}, b"{}")
    runtime.invoke(predict, "1", {"req": request}, {})
print(json.dumps([loaded, said]))
"""


def test_it_is_logged_once_by_the_first_call(small_models: Path) -> None:
    """Not on loading: the host drops what is logged outside a call."""
    given: dict[str, Any] = {"MODELS_FOLDER": str(small_models), THREADS.name: "4"}
    loaded, said = run(FIRST, **given)
    assert loaded == 0
    assert said == [too_few_threads(LIMIT, given)]
    assert run(FIRST, **{**given, THREADS.name: THREADS.value}) == [0, []]
