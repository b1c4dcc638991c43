"""Indexing by Microsoft's library, and the bindings Azure will see."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from devhost import runtime
from tests.support.running_app import PROJECT, RunningApp


def bindings(app: RunningApp) -> dict[str, list[dict[str, object]]]:
    listed = httpx.get(f"{app.base_url}/admin/functions").json()
    return {item["name"]: item["config"]["bindings"] for item in listed}


def test_every_function_is_indexed(app: RunningApp) -> None:
    names = ["echo", "fail", "files", "on_client", "on_new_year", "on_order", "on_stream", "on_tick", "slow"]
    assert sorted(bindings(app)) == names


def test_http_binding(app: RunningApp) -> None:
    trigger, answer = bindings(app)["echo"]
    assert trigger == {
        "name": "req",
        "type": "httpTrigger",
        "direction": "IN",
        "route": "echo/{name}/{number:int?}",
        "methods": ["GET", "POST"],
        "authLevel": "ANONYMOUS",
    }
    assert answer["type"] == "http"
    assert answer["direction"] == "OUT"


def test_blob_binding_of_an_sdk_type_is_deferred(app: RunningApp) -> None:
    (trigger,) = bindings(app)["on_client"]
    assert trigger["type"] == "blobTrigger"
    assert trigger["path"] == "%INCOMING%/{name}.csv"
    assert trigger["source"] == "EventGrid"
    assert trigger["connection"] == "AzureWebJobsStorage"
    assert trigger["properties"] == {"SupportsDeferredBinding": True}


def test_blob_binding_of_a_stream_is_not_deferred(app: RunningApp) -> None:
    found = {binding["type"]: binding for binding in bindings(app)["on_stream"]}
    assert found["blob"]["path"] == "%STREAMS%-copies/{name}.copy"
    assert not found["blobTrigger"].get("properties")


def test_queue_and_timer_bindings(app: RunningApp) -> None:
    found = bindings(app)
    assert {binding["type"]: binding.get("queueName") for binding in found["on_order"]} == {
        "queueTrigger": "%ORDERS_QUEUE%",
        "queue": "replies",
    }
    assert found["on_tick"][0]["schedule"] == "* * * * * *"


INDEX = (
    "import sys; from pathlib import Path; from devhost.runtime import Runtime; Runtime(Path(sys.argv[1]))"
)


def indexing(app: Path) -> str:
    """Index an app in a process of its own, as the library keeps one registry; the last line said."""
    done = subprocess.run(
        [sys.executable, "-c", INDEX, str(app)], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    return done.stderr.strip().splitlines()[-1] if done.returncode else ""


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("import azure.functions as func\napp = func.FunctionApp()\n", "0 functions found"),
        ("x = 1\n", "Could not find top level function app"),
        ("\n\nraise KeyError('deep')\n", "function_app.py:3"),
        ("def broken(:\n", "SyntaxError"),
    ],
)
def test_what_is_wrong_with_an_app_is_said(tmp_path: Path, source: str, output: str) -> None:
    (tmp_path / "function_app.py").write_text(source)
    line = indexing(tmp_path)
    assert line.startswith("devhost.errors.DevhostError")
    assert output in line


def test_a_missing_script_is_said(tmp_path: Path) -> None:
    assert f"{tmp_path / 'function_app.py'}: " in indexing(tmp_path)


def test_the_installed_library_is_the_pinned_one() -> None:
    pinned = (PROJECT / "requirements-dev.in").read_text()
    assert f"azure-functions-runtime=={runtime.PINNED}\n" in pinned
