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
def speaker(run_app: RunApp, tmp_path: Path) -> Iterator[RunningApp]:
    (tmp_path / "host.json").write_text('{"version": "2.0"}')
    (tmp_path / "function_app.py").write_text(APP)
    with run_app(tmp_path) as running:
        yield running


def test_lines_of_a_call(speaker: RunningApp) -> None:
    """Every record of the call's own thread, whichever library made it; none of devhost's own requests."""
    assert httpx.get(f"{speaker.base_url}/api/speak").text == "done"
    speaker.wait_for(r"\[speak \S+\] Executed")
    assert len(re.findall(r"\[speak \S+\] said in the call", speaker.output)) == 1
    assert "said in a thread" not in speaker.output
    requests = re.findall(r"(?:\[(\w+) \S+\] )?Request URL: '(\S+)'", speaker.output)
    assert [function for function, _ in requests] == ["speak"]
    assert requests[0][1].endswith("/?restype=REDACTED&comp=REDACTED")  # and not the message to the queue
