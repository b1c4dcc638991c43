"""How many entries a file and a request leave in the log: every one is paid for in Application Insights.

The app runs in Microsoft's runtime library on Azurite, with the root logger at INFO, as the host's Python
worker sets it. Counted is what the worker passes on as the app's: every record but those of its own loggers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from packaging.utils import canonicalize_name

from functions.batch.event_message import announcement
from tests.support.drives import WORN, record, row, table
from tests.support.running_app import PROJECT, RunningAzurite
from tests.test_function_app import run
from tests.test_packaging import pins

COUNT = """
import json, logging, sys
from pathlib import Path
from devhost.runtime import BlobInput, HttpInput, JsonInput, Runtime

entries = []
class Kept(logging.Handler):
    def emit(self, record):
        if not record.name.startswith(("azure.functions", "azure_functions_runtime")):
            entries.append([record.name, record.levelname, record.getMessage()])
logging.getLogger().addHandler(Kept())
logging.getLogger().setLevel(logging.INFO)

runtime = Runtime(Path.cwd())
by_name = {function.name: function for function in runtime.functions}
for library in sys.argv[2:]:
    logging.getLogger(library).setLevel(logging.NOTSET)
loaded = len(entries)

def left_by(name, value, metadata):
    before = len(entries)
    parameter = next(b["name"] for b in by_name[name].bindings if b["type"].endswith("Trigger"))
    outcome = runtime.invoke(by_name[name], "1", {parameter: value}, metadata)
    assert outcome.error is None, outcome.traceback
    status = 0 if name.startswith("score_") else int(outcome.value.value["status_code"].value)
    ranges.extend(text for key, out in outcome.outputs if key == "ranges" for text in json.loads(out.value))
    return [status, entries[before:]]

found, ranges = {}, []
message = {"DequeueCount": JsonInput("1"), "Id": "1", "PopReceipt": "1"}
for label, name, what, body in json.loads(sys.argv[1]):
    if name == "score_telemetry":
        found[label] = left_by(name, BlobInput("AzureWebJobsStorage", "telemetry", what), {})
    elif name == "score_event":
        found[label] = left_by(name, body, message)
    else:
        request = HttpInput("POST" if body else "GET", "http://localhost/api/", {}, what, {}, body.encode())
        found[label] = left_by(name, request, {})
for number, task in enumerate(ranges):
    found[f"range {number}"] = left_by("score_range", task, message)
print(json.dumps([loaded, logging.getLogger("azure.functions").getEffectiveLevel(), found]))
"""

LIBRARIES = ("azure.core", "azure.identity", "azure.storage")
DRIVE = json.dumps(record(**WORN))
REQUESTS: list[tuple[str, str, dict[str, str], str, int]] = [
    ("a forecast", "predict", {}, DRIVE, 200),
    ("refused", "predict", {}, "{", 400),
    ("many", "predict_batch", {}, f'{{"drives": [{DRIVE}, {{}}]}}', 200),
    ("explained", "explain", {}, DRIVE, 200),
    ("a table", "invocations", {}, '{"dataframe_records": [{"model": "x", "smart_5_raw": 8}]}', 200),
    ("alive", "health", {}, "", 200),
    ("ready, which asks the storage account", "ready", {}, "", 200),
    ("the model", "model", {}, "", 200),
    ("no such path", "wildcard", {}, "", 404),
]
"""What is asked, the function, query, body, and the status of the answer."""


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAzurite]:
    """Apart from the session's account, whose app takes every file it sees."""
    running = RunningAzurite(tmp_path_factory.mktemp("azurite-logs"))
    for name in ("telemetry", "predictions", "runs", "history"):
        running.blobs.create_container(name)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def files(account: RunningAzurite) -> dict[str, str]:
    """Names of files in the container telemetry, by what is in them."""
    content = {
        "small": table([row(f"S{number}") for number in range(43)]),
        "small again": table([row(f"S{number}", smart_5_raw=number) for number in range(43)]),
        "with rejects": table([row(f"S{number}") for number in range(43)]) + b"x\n",
        "drifted": table([row(f"S{number}", smart_187_raw=number % 50) for number in range(1000)]),
        "not a table": b"nothing here\n",
    }
    names = {label: f"{label.replace(' ', '-')}.csv" for label in content}
    for label, data in content.items():
        account.blobs.get_blob_client("telemetry", names[label]).upload_blob(data)
    return names


def count(
    account: RunningAzurite, asked: list[Any], *loud: str, **more: str
) -> tuple[int, int, dict[str, Any]]:
    """Return the entries of loading, the level of the worker's own logger, and the entries of each call."""
    settings = {"AzureWebJobsStorage": account.connection_string, "MODELS_FOLDER": str(PROJECT / "models")}
    settings["PYTHON_THREADPOOL_THREAD_COUNT"] = "32"
    loaded, level, found = run(COUNT, json.dumps(asked), *loud, **settings, **more, MODEL="v2")
    return loaded, level, found


def test_a_small_file_leaves_two_entries_at_most(account: RunningAzurite, files: dict[str, str]) -> None:
    asked = [[label, "score_telemetry", name, ""] for label, name in files.items()]
    loaded, level, found = count(account, asked)
    for label, (_, entries) in found.items():
        assert 1 <= len(entries) <= 2, (label, entries)
        assert all(name.startswith("functions.") for name, _, _ in entries), entries
    assert [text.split(":")[0] for _, _, text in found["drifted"][1]] == ["drift", files["drifted"]]
    assert len(found["small"][1]) == 1
    assert loaded == 0
    assert level == 20  # INFO: what the worker itself says is not touched


def test_a_file_of_the_queues_leaves_no_more(account: RunningAzurite) -> None:
    """One that an event announces, and each range of one in ranges."""
    rows = table([row(f"Q{number}") for number in range(1500)])
    for name in ("announced.csv", "ranges.csv"):
        account.blobs.get_blob_client("telemetry", name).upload_blob(rows)
    announced = [["announced", "score_event", "", announcement("telemetry", "announced.csv", "")]]
    asked = [*announced, ["planned", "score_telemetry", "ranges.csv", ""]]
    _, _, whole = count(account, announced)
    _, _, found = count(account, asked, RANGE_BYTES="65536")
    assert len([label for label in found if label.startswith("range ")]) >= 2
    for label, (_, entries) in {**found, "whole": whole["announced"]}.items():
        assert 1 <= len(entries) <= 2, (label, entries)


def test_without_quieting_a_small_file_leaves_tens(account: RunningAzurite, files: dict[str, str]) -> None:
    asked = [["again", "score_telemetry", files["small"], ""]]
    _, _, found = count(account, asked, *LIBRARIES)
    entries = found["again"][1]
    assert sum(name.startswith("azure.core") for name, _, _ in entries) > 2


def test_a_request_leaves_one_entry_at_most(account: RunningAzurite, files: dict[str, str]) -> None:
    asked = [[label, name, query, body] for label, name, query, body, _ in REQUESTS]
    _, _, found = count(account, asked)
    for label, _, _, _, expected in REQUESTS:
        status, entries = found[label]
        assert (status, len(entries) <= 1) == (expected, True), (label, entries)


def test_every_azure_library_that_is_deployed_is_quiet() -> None:
    deployed = {name for name in pins("requirements.txt") if name.startswith("azure-")} - {"azure-functions"}
    quiet = {canonicalize_name(name.replace(".", "-")) for name in LIBRARIES}
    assert all(any(name == q or name.startswith(f"{q}-") for q in quiet) for name in deployed), deployed
    text = (PROJECT / "function_app.py").read_text()
    assert re.findall(r'"(azure\.\w+)"', text) == list(LIBRARIES)
