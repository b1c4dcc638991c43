"""The app as Azure sees it: what is indexed, and what is imported to get there."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.drives import WORN, record
from tests.support.running_app import PROJECT

INDEX = """
import json
from pathlib import Path
from devhost.runtime import Runtime
print(json.dumps({function.name: function.bindings for function in Runtime(Path.cwd()).functions}))
"""
"""Indexing by Microsoft's azure-functions-runtime, the way its worker does it."""

ANSWER = {"name": "$return", "type": "http", "direction": "OUT"}
BINDINGS: dict[str, list[dict[str, Any]]] = {
    "predict": [
        {
            "name": "req",
            "type": "httpTrigger",
            "direction": "IN",
            "route": "predict",
            "methods": ["POST"],
            "authLevel": "FUNCTION",
        },
        ANSWER,
    ],
    "health": [
        {
            "name": "req",
            "type": "httpTrigger",
            "direction": "IN",
            "route": "health",
            "methods": ["GET"],
            "authLevel": "ANONYMOUS",
        },
        ANSWER,
    ],
    "model": [
        {
            "name": "req",
            "type": "httpTrigger",
            "direction": "IN",
            "route": "model",
            "methods": ["GET"],
            "authLevel": "FUNCTION",
        },
        ANSWER,
    ],
    "score_telemetry": [
        {
            "name": "client",
            "type": "blobTrigger",
            "direction": "IN",
            "path": "telemetry/{name}",
            "connection": "AzureWebJobsStorage",
            "source": "EventGrid",
            "properties": {"SupportsDeferredBinding": True},
        }
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
    assert sorted(indexed) == ["health", "model", "predict", "score_telemetry"]


@pytest.mark.parametrize("name", sorted(BINDINGS))
def test_the_bindings(indexed: dict[str, list[dict[str, Any]]], name: str) -> None:
    assert without_data_type(indexed[name]) == BINDINGS[name]


def test_importing_the_app_stays_lean() -> None:
    modules = set(run("import json, sys, function_app\nprint(json.dumps(sorted(sys.modules)))"))
    assert "functions.batch" in modules
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
    assert names == ["health", "model", "predict", "score_telemetry"]
    assert answer["reasons"][0]["attribute"] == 187
    with pytest.raises(AssertionError, match="pandas is not deployed"):
        run(BLOCKED + "import pandas")


def test_another_trigger_source() -> None:
    (trigger,) = run(INDEX, BLOB_TRIGGER_SOURCE="LogsAndContainerScan")["score_telemetry"]
    assert trigger["source"] == "LogsAndContainerScan"


def test_a_wrong_trigger_source_is_said() -> None:
    with pytest.raises(AssertionError, match="BLOB_TRIGGER_SOURCE is 'x'; expected one of EventGrid, Logs"):
        run("import function_app", BLOB_TRIGGER_SOURCE="x")
