from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from ops.app.ports import free_ports
from ops.app.process import LOG_LINES, AppProcess
from ops.errors import OpsError

SERVER = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(sys.argv[2]))
        self.end_headers()
        self.wfile.write(b"model not loaded")
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""

PARENT = """
import pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path(sys.argv[1]).write_text(str(child.pid))
time.sleep(60)
"""


def process(tmp_path: Path, script: str, *arguments: object, port: int = 1) -> AppProcess:
    """Return a child that runs a script."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return AppProcess(command, log=tmp_path / "app.log", port=port, environment={"FLEET": "blue"})


def is_running(pid: int) -> bool:
    """Return whether a process runs (one that ended and waits to be reaped does not)."""
    status = Path(f"/proc/{pid}/stat")
    if status.exists():
        return status.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not Path("/proc/self").exists()


def test_waits_until_healthy_and_stops(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with process(tmp_path, SERVER, port, 200, port=port) as app:
        app.wait_until_healthy(20)
        app.check()
    with pytest.raises(OpsError):
        app.check()


def test_an_unhealthy_app_is_reported_with_its_answer(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with (
        process(tmp_path, SERVER, port, 503, port=port) as app,
        pytest.raises(OpsError, match=r"\b3 s \(503 model not loaded\)"),
    ):
        app.wait_until_healthy(3)


def test_an_app_that_dies_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    script = "import os, sys; print(os.environ['FLEET'], *range(100), sep='\\n'); sys.exit(7)"
    with process(tmp_path, script) as app, pytest.raises(OpsError, match=r"\b7\b") as caught:
        app.wait_until_healthy(20)
    assert caught.value.log == [str(number) for number in range(100 - LOG_LINES, 100)]
    assert app.log.read_text().startswith("blue\n")


def test_stopping_takes_the_children_along(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    with process(tmp_path, PARENT, note):
        deadline = time.monotonic() + 20
        while not (note.exists() and note.read_text()) and time.monotonic() < deadline:
            time.sleep(0.05)
        child = int(note.read_text())
        assert is_running(child)
    deadline = time.monotonic() + 5
    while is_running(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(child)
