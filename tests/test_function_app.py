"""The app as Azure sees it: what is indexed, and what is imported to get there."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.drives import WORN, record
from tests.support.running_app import PROJECT

pytestmark = pytest.mark.slow

INDEX = """
import json
from pathlib import Path
from devhost.runtime import Runtime
print(json.dumps({function.name: function.bindings for function in Runtime(Path.cwd()).functions}))
"""
"""Indexing by Microsoft's azure-functions-runtime, the way its worker does it."""

ANSWER = {"name": "$return", "type": "http", "direction": "OUT"}
RANGES: dict[str, Any] = {
    "name": "ranges",
    "type": "queue",
    "direction": "OUT",
    "queueName": "telemetry-ranges",
    "connection": "AzureWebJobsStorage",
}


def http_function(route: str, methods: list[str], level: str = "FUNCTION") -> list[dict[str, Any]]:
    """Return the bindings of an HTTP function; GET brings HEAD with it, no methods are all of them."""
    methods = ["GET", "HEAD"] if methods == ["GET"] else methods
    trigger = {"name": "req", "type": "httpTrigger", "direction": "IN", "route": route, "authLevel": level}
    return [trigger | ({"methods": methods} if methods else {}), ANSWER]


def queue_function(queue: str, **sends: str) -> list[dict[str, Any]]:
    """Return the bindings of a queue-triggered function and the queues it sends to, by parameter."""
    trigger = {
        "name": "message",
        "type": "queueTrigger",
        "direction": "IN",
        "queueName": queue,
        "connection": "AzureWebJobsStorage",
    }
    outputs = [RANGES | {"name": name, "queueName": to} for name, to in sends.items()]
    return [*outputs, trigger]


BINDINGS: dict[str, list[dict[str, Any]]] = {
    "predict": http_function("predict", ["POST"]),
    "predict_batch": http_function("predict/batch", ["POST"]),
    "explain": http_function("explain", ["POST"]),
    "health": http_function("health", ["GET"], "ANONYMOUS"),
    "ready": http_function("ready", ["GET"]),
    "model": http_function("model", ["GET"]),
    "openapi": http_function("openapi.json", ["GET"]),
    "home": http_function("{ignored:maxlength(0)?}", ["GET"], "ANONYMOUS"),
    "page_file": http_function("pages/{name}", ["GET"], "ANONYMOUS"),
    "docs": http_function("docs", ["GET"], "ANONYMOUS"),
    "model_card": http_function("model/card", ["GET"]),
    "invocations": http_function("invocations", ["POST"]),
    "ping": http_function("ping", ["GET"]),
    "version": http_function("version", ["GET"]),
    "oip_server": http_function("v2", ["GET"]),
    "oip_live": http_function("v2/health/live", ["GET"]),
    "oip_ready": http_function("v2/health/ready", ["GET"]),
    "oip_model": http_function("v2/models/{name}", ["GET"]),
    "oip_model_version": http_function("v2/models/{name}/versions/{version}", ["GET"]),
    "oip_model_ready": http_function("v2/models/{name}/ready", ["GET"]),
    "oip_model_version_ready": http_function("v2/models/{name}/versions/{version}/ready", ["GET"]),
    "oip_infer": http_function("v2/models/{name}/infer", ["POST"]),
    "oip_infer_version": http_function("v2/models/{name}/versions/{version}/infer", ["POST"]),
    "wildcard": http_function("{*path}", [], "ANONYMOUS"),
    "score_telemetry": [
        {**RANGES, "properties": {"SupportsDeferredBinding": False}},
        {
            "name": "client",
            "type": "blobTrigger",
            "direction": "IN",
            "path": "telemetry/{name}",
            "connection": "AzureWebJobsStorage",
            "source": "EventGrid",
            "properties": {"SupportsDeferredBinding": True},
        },
    ],
    "score_range": queue_function("telemetry-ranges", ranges="telemetry-ranges"),
    "score_event": queue_function("telemetry-events", ranges="telemetry-ranges"),
    "give_up_file": queue_function(
        "webjobs-blobtrigger-poison", back="webjobs-blobtrigger-poison", again="telemetry-events"
    ),
    "give_up_event": queue_function("telemetry-events-poison", back="telemetry-events-poison"),
    "give_up_range": queue_function("telemetry-ranges-poison", back="telemetry-ranges-poison"),
    "revive_runs": [
        RANGES | {"name": "again", "queueName": "telemetry-events"},
        {"name": "timer", "type": "timerTrigger", "direction": "IN", "schedule": "0 */15 * * * *"},
    ],
}
"""The bindings as Azure's host gets them from Microsoft's library, function by function."""

PREDICT = """
import json, os, sys
import azure.functions as func
import function_app
functions = {function.get_function_name(): function for function in function_app.app.get_functions()}
body = json.dumps(json.loads(sys.argv[1])).encode()
answer = functions["predict"].get_user_function()(func.HttpRequest("POST", "/api/predict", body=body))
found = json.loads(answer.get_body())
print(json.dumps([answer.status_code, sorted(functions), found, sorted(sys.modules)]))
"""

BLOCKED = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"pandas", "sklearn", "polars", "scipy", "matplotlib", "joblib", "skl2onnx"}:
            raise ImportError(f"{name} is not deployed")
sys.meta_path.insert(0, Blocked())
"""

TRAINING_ONLY = {"pandas", "sklearn", "matplotlib", "polars", "scipy", "joblib", "skl2onnx"}
BATCH_ONLY = {"pyarrow"}


def run(code: str, *arguments: str, **settings: str) -> Any:
    """Run code in a fresh interpreter in the app's folder; return the JSON of its last line."""
    environment = {"PATH": "", "SYSTEMROOT": "", "PYTHONPATH": str(PROJECT), **settings}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def without_data_type(bindings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Drop what the library adds to every binding alike."""
    return [{key: value for key, value in binding.items() if key != "dataType"} for binding in bindings]


@pytest.fixture(scope="module")
def indexed() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = run(INDEX)
    return found


def test_the_functions(indexed: dict[str, list[dict[str, Any]]]) -> None:
    assert sorted(indexed) == sorted(BINDINGS)


@pytest.mark.parametrize("name", sorted(BINDINGS))
def test_the_bindings(indexed: dict[str, list[dict[str, Any]]], name: str) -> None:
    assert without_data_type(indexed[name]) == BINDINGS[name]


def test_importing_the_app_stays_lean() -> None:
    modules = set(run("import json, sys, function_app\nprint(json.dumps(sorted(sys.modules)))"))
    assert "functions.blueprints.batch" in modules
    assert not modules & (TRAINING_ONLY | BATCH_ONLY)


def test_the_first_prediction_stays_lean_too(small_models: Path) -> None:
    status, _, answer, modules = run(PREDICT, json.dumps(record(**WORN)), MODELS_FOLDER=str(small_models))
    assert (status, answer["risk"]) == (200, "critical")
    assert not set(modules) & (TRAINING_ONLY | BATCH_ONLY)


def test_without_what_is_not_deployed(small_models: Path) -> None:
    status, names, answer, _ = run(
        BLOCKED + PREDICT, json.dumps(record(**WORN)), MODELS_FOLDER=str(small_models)
    )
    assert status == 200
    assert names == sorted(BINDINGS)
    assert answer["reasons"][0]["attribute"] == 187
    with pytest.raises(AssertionError, match="pandas"):
        run(BLOCKED + "import pandas")


def test_another_trigger_source() -> None:
    bindings = run(INDEX, BLOB_TRIGGER_SOURCE="LogsAndContainerScan")["score_telemetry"]
    (trigger,) = (binding for binding in bindings if binding["type"] == "blobTrigger")
    assert trigger["source"] == "LogsAndContainerScan"


def test_a_wrong_trigger_source_is_said() -> None:
    with pytest.raises(AssertionError, match=r"BLOB_TRIGGER_SOURCE .*'x'.*\bEventGrid, Logs"):
        run("import function_app", BLOB_TRIGGER_SOURCE="x")
