"""Hosts that are asked: an app under ``func start`` or devhost, each a process of its own on a free port."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from devhost.azurite import Azurite, Endpoints, connection_string, find

PROJECT = Path(__file__).resolve().parents[2]
APPS = PROJECT / "tests" / "devhost" / "apps"

BUNDLE = {"id": "Microsoft.Azure.Functions.ExtensionBundle", "version": "[4.*, 5.0.0)"}
"""Without it Core Tools know no queues and blobs."""

PATIENCE = 180.0
"""Seconds a host may take to answer its ping; Core Tools may have to fetch their extensions first."""


class HostError(Exception):
    """A host that does not start; the message holds what it said last."""


@contextmanager
def storage(folder: Path) -> Iterator[str]:
    """Run an Azurite on free ports with its data in a folder; give its connection string."""
    at = Endpoints(blob=free_port(), queue=free_port(), table=free_port())
    running = Azurite(find(PROJECT), folder, at)
    try:
        yield connection_string(at.blob, at.queue, at.table)
    finally:
        running.stop()


def prepare(recording: str, folder: Path, connection: str) -> None:
    """Lay out the app of a recording in a folder, as both hosts take it."""
    if recording == "probe":
        shutil.copytree(APPS / "probe", folder, ignore=shutil.ignore_patterns("__pycache__"))
        host_json = APPS / "probe" / "host.json"
    else:
        folder.mkdir()
        shutil.copy(APPS / "recorded_drivecast" / "function_app.py", folder)
        host_json = PROJECT / "host.json"
    document = json.loads(host_json.read_text("utf-8")) | {"extensionBundle": BUNDLE}
    (folder / "host.json").write_text(json.dumps(document))
    values = {
        "FUNCTIONS_WORKER_RUNTIME": "python",
        "AzureWebJobsStorage": connection,
        "MODELS_FOLDER": str(PROJECT / "models"),
    }
    (folder / "local.settings.json").write_text(json.dumps({"IsEncrypted": False, "Values": values}))


@contextmanager
def under_func(func: str, folder: Path) -> Iterator[int]:
    """Run an app under ``func start``; give its port."""
    port = free_port()
    tools = f"{PROJECT / '.venv' / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {"PATH": tools, "VIRTUAL_ENV": str(PROJECT / ".venv")}
    with _running([func, "start", "--port", str(port)], folder, environment, port):
        yield port


@contextmanager
def under_devhost(folder: Path) -> Iterator[int]:
    """Run an app under devhost; give its port."""
    port = free_port()
    command = [sys.executable, "-m", "devhost", "--app", str(folder), "--port", str(port), "--no-azurite"]
    with _running(command, folder, {}, port):
        yield port


@contextmanager
def _running(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], port: int
) -> Iterator[None]:
    path = os.pathsep.join(filter(None, (str(PROJECT), os.environ.get("PYTHONPATH"))))
    with TemporaryDirectory() as logs:
        log = Path(logs) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - func or devhost, as the caller says
                command,
                cwd=folder,
                env={**os.environ, "PYTHONPATH": path, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            _await_ping(process, port, log)
            yield
        finally:
            _stop(process)


def _await_ping(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/admin/host/ping", timeout=5).is_success:
                return
        except httpx.HTTPError:
            pass
        ended = process.poll() is not None
        if ended or time.monotonic() > deadline:
            how = f"ended with {process.returncode}" if ended else f"does not answer after {PATIENCE:g} s"
            tail = log.read_text(errors="replace")[-2000:]
            raise HostError(f"{process.args!r} {how}; it said last:\n{tail}")
        time.sleep(0.2)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a host and what it started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            return
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            continue
        return


def free_port() -> int:
    """Find a port nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
