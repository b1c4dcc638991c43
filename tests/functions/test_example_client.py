"""examples/client.py against the running app, which lives beside these tests."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.support.drives import WORN, record
from tests.support.running_app import PROJECT, RunningApp

CLIENT = PROJECT / "examples" / "client.py"
SMARTCTL = PROJECT / "tests/data/smartctl/hitachi-HDS721050DLE630-failing.json"


def run(base: str, source: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(CLIENT), base, source],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_it_is_short() -> None:
    assert len(CLIENT.read_text(encoding="utf-8").splitlines()) <= 65


def test_many_drives(app: RunningApp, tmp_path: Path) -> None:
    drives = tmp_path / "drives.json"
    drives.write_text(json.dumps([record(**WORN), {}, record(serial_number="Z2")]))
    done = run(f"{app.base_url}/api", str(drives))
    assert done.returncode == 2, done.stderr
    assert "Z300AAAA: critical" in done.stdout
    assert "Pending sectors at 40" in done.stdout
    assert re.search(r"\b3 fields .*: drives\[1\]\.date", done.stderr)
    assert "Z2: unknown" in done.stdout


def test_one_drive_from_smartctl(app: RunningApp) -> None:
    done = run(f"{app.base_url}/api", "-", SMARTCTL.read_text(encoding="utf-8"))
    assert done.returncode == 2, done.stderr
    assert "MSK423Y20S3HBC: critical" in done.stdout
    assert "Reallocated sectors at 1,975" in done.stdout


def test_no_drive_at_risk(app: RunningApp) -> None:
    done = run(f"{app.base_url}/api", "-", json.dumps([record(smart_5_raw=0, smart_187_raw=0)]))
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_refused_is_said(app: RunningApp) -> None:
    done = run(f"{app.base_url}/api", "-", "{}")
    assert done.returncode == 1
    assert done.stderr.startswith("refused: no_ata_attributes: ")


@contextmanager
def busy_app(*answers: tuple[int, dict[str, str], bytes]) -> Iterator[tuple[str, list[float]]]:
    """Stand in for an app that is busy, or behind Azure's front end: answers as told, then the last again.

    Yields
    ------
    str, list of float
        Its address, and when each request came.
    """
    came: list[float] = []

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            status, headers, body = answers[min(len(came), len(answers) - 1)]
            came.append(time.monotonic())
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/api", came
        server.shutdown()
        thread.join()


def test_it_waits_as_long_as_it_is_told() -> None:
    busy = b'{"code": "too_many_requests", "detail": "busy"}'
    answer = json.dumps({"results": []}).encode()
    with busy_app((429, {"retry-after": "2"}, busy), (503, {}, b""), (200, {}, answer)) as (base, came):
        done = run(base, "-", "[]")
    assert (done.returncode, done.stderr) == (0, "")
    first, second = came[1] - came[0], came[2] - came[1]
    assert first >= 2
    assert 1 <= second < first


@pytest.mark.slow
def test_it_gives_up() -> None:
    busy = b'{"code": "model_unusable", "detail": "no model"}'
    with busy_app((503, {"retry-after": "0"}, busy)) as (base, came):
        done = run(base, "-", "[]")
    assert len(came) == 4
    assert (done.returncode, done.stderr) == (1, "refused: model_unusable: no model\n")


@pytest.mark.parametrize("body", [b"", b"<html>"])
def test_a_refusal_that_is_not_the_apps(body: bytes) -> None:
    with busy_app((401, {}, body)) as (base, came):
        done = run(base, "-", "[]")
    assert len(came) == 1
    assert done.returncode == 1
    assert done.stderr.startswith("refused: http_401: ")


@pytest.mark.parametrize(
    ("base", "source", "text", "named"),
    [
        ("http://127.0.0.1:9/api", "-", "[]", "http://127.0.0.1:9/api"),
        ("127.0.0.1:9/api", "-", "[]", "127.0.0.1:9/api"),
        ("http://127.0.0.1:9/api", "-", "{", "Expecting"),
        ("http://127.0.0.1:9/api", "no such file.json", "", "no such file.json"),
    ],
)
def test_what_goes_wrong_is_one_line(base: str, source: str, text: str, named: str) -> None:
    done = run(base, source, text)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert named in done.stderr


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'"text"', b"[1"])
def test_an_answer_of_something_else_is_one_line(body: bytes) -> None:
    with busy_app((200, {}, body)) as (base, _):
        done = run(base, "-", "[]")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [[], ["http://127.0.0.1:9/api"], ["a", "b", "c"]])
def test_wrong_usage_is_one_line(words: list[str]) -> None:
    done = subprocess.run([sys.executable, str(CLIENT), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("usage: ")
    assert done.stderr.count("\n") == 1
