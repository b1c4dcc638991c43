"""The command line: what goes wrong is one line and exit code 1."""

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.running_app import PROJECT, RunningApp, RunningAzurite

pytestmark = pytest.mark.slow

HTTP_APP = """
import azure.functions as func
app = func.FunctionApp()
@app.route("hello")
def hello(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("hello")
"""


def devhost(app: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "devhost", "--app", str(app), "--port", "0", *options],
        cwd=PROJECT,
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "host.json").write_text('{"version": "2.0"}')
    (tmp_path / "function_app.py").write_text(HTTP_APP)
    return tmp_path


def test_no_functions_is_one_line_and_exit_1(folder: Path) -> None:
    (folder / "function_app.py").write_text("import azure.functions as func\napp = func.FunctionApp()\n")
    done = devhost(folder, "--workers", "2")
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "0 functions found" in done.stderr


def test_an_app_that_cannot_be_imported_is_one_line_and_exit_1(folder: Path) -> None:
    (folder / "function_app.py").write_text("import nonesuch\n")
    done = devhost(folder)
    assert done.returncode == 1
    assert done.stderr.strip().startswith(
        "devhost: function_app.py (at function_app.py:1): ModuleNotFoundError"
    )
    assert len(done.stderr.strip().splitlines()) == 1


def test_no_host_json_is_said(folder: Path) -> None:
    (folder / "host.json").unlink()
    done = devhost(folder)
    assert done.returncode == 1
    assert f"{folder / 'host.json'}: " in done.stderr


def test_a_port_in_use_is_said(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = devhost(folder, "--port", port)
    assert done.returncode == 1
    assert port in done.stderr
    assert "--port" in done.stderr


def test_a_missing_storage_setting_is_said(folder: Path) -> None:
    source = HTTP_APP + (
        '@app.queue_trigger(arg_name="m", queue_name="q", connection="AzureWebJobsStorage")\n'
        "def take(m: func.QueueMessage) -> None: ...\n"
    )
    (folder / "function_app.py").write_text(source)
    done = devhost(folder)
    assert done.returncode == 1
    assert "take: " in done.stderr
    assert "AzureWebJobsStorage" in done.stderr


QUEUE_APP = """
import azure.functions as func
app = func.FunctionApp()
@app.queue_trigger(arg_name="m", queue_name="refused", connection="AzureWebJobsStorage")
def take(m: func.QueueMessage) -> None: ...
"""


def test_a_key_that_is_not_the_accounts_is_said(folder: Path, azurite: RunningAzurite) -> None:
    (folder / "function_app.py").write_text(QUEUE_APP)
    wrong = re.sub("AccountKey=....", "AccountKey=AAAA", azurite.connection_string)
    done = devhost(folder, "--no-azurite", AzureWebJobsStorage=wrong)
    assert done.returncode == 1
    (printed,) = done.stderr.strip().splitlines()
    assert printed.startswith("devhost: ")
    assert f"PUT http://127.0.0.1:{azurite.at.queue}/devstoreaccount1/refused " in printed
    assert "AzureWebJobsStorage" in printed
    assert "`az storage account show-connection-string --name ACCOUNT`" in printed


def test_wrong_usage_is_exit_2(folder: Path) -> None:
    assert devhost(folder, "--workers", "0").returncode == 2
    assert devhost(folder, "--message-lease", "0").returncode == 2


def test_the_start_says_what_it_is_and_lists_the_functions(app: RunningApp) -> None:
    assert "local.settings.example.json" in app.output
    port = app.base_url.rsplit(":", 1)[1]
    assert f"http   [GET,POST] http://localhost:{port}/api/echo/{{name}}/{{number:int?}}" in app.output
    assert "blob   incoming/{name}.csv (source EventGrid: watched by devhost, too)" in app.output
    assert "queue  orders" in app.output
    assert "timer  * * * * * *" in app.output
