"""What a running app's lines are, and what is not among them."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import RunApp
from tests.support.running_app import RunningApp

APP = """
import logging
import os
import threading

import azure.functions as func
from azure.storage.blob import BlobServiceClient

app = func.FunctionApp()


@app.route("speak", auth_level=func.AuthLevel.ANONYMOUS)
@app.queue_output(arg_name="out", queue_name="spoken", connection="AzureWebJobsStorage")
def speak(req: func.HttpRequest, out: func.Out[str]) -> func.HttpResponse:
    logging.getLogger("mine").info("said in the call")
    thread = threading.Thread(target=logging.getLogger("mine").error, args=("said in a thread",))
    thread.start()
    thread.join()
    BlobServiceClient.from_connection_string(os.environ["AzureWebJobsStorage"]).get_service_properties()
    out.set("spoken")
    return func.HttpResponse("done")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "host.json").write_text('{"version": "2.0"}')
    (tmp_path / "function_app.py").write_text(APP)
    return tmp_path


@pytest.fixture
def speaker(run_app: RunApp, folder: Path) -> Iterator[RunningApp]:
    with run_app(folder) as running:
        yield running


def test_requests_of_devhost_are_of_the_category_azure_core(run_app: RunApp, folder: Path) -> None:
    settings = {"AzureFunctionsJobHost__logging__logLevel__Azure.Core": "Information"}
    with run_app(folder, settings=settings) as running:
        assert httpx.get(f"{running.base_url}/api/speak").text == "done"
        running.wait_for(r"w0 INFO  Request URL: '\S+/spoken/messages")


def test_lines_of_a_call(speaker: RunningApp) -> None:
    """Every record of the call's own thread, whichever library made it; none of devhost's own requests."""
    assert httpx.get(f"{speaker.base_url}/api/speak").text == "done"
    speaker.wait_for(r"\[speak \S+\] Executed")
    assert len(re.findall(r"\[speak \S+\] said in the call", speaker.output)) == 1
    assert "said in a thread" not in speaker.output
    requests = re.findall(r"(?:\[(\w+) \S+\] )?Request URL: '(\S+)'", speaker.output)
    assert [function for function, _ in requests] == ["speak"]
    assert requests[0][1].endswith("/?restype=REDACTED&comp=REDACTED")  # and not the message to the queue
