"""Hostile bodies over a real connection: a problem says what is wrong, at the price of the body's parse."""

from __future__ import annotations

import gzip
import json
import os
import re
import socket
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from tests.conftest import RunApp
from tests.functions.conftest import HOST_ID
from tests.support.drives import WORN, faults, record
from tests.support.running_app import PROJECT, RunningApp

LIMIT = 32 * 1024**2
"""Large enough for a million keys."""

PARSES = 4
"""How many times its parse a body may cost: it is received, copied, checked, and read twice."""

DRIVE = json.dumps(record(**WORN)).encode()[:-1]
PATHS = ("predict", "explain", "predict/batch", "invocations", "v2/models/drivecast/infer")


@pytest.fixture(scope="module")
def roomy(run_app: RunApp, small_models: Path) -> Iterator[RunningApp]:
    settings = {
        "MODELS_FOLDER": str(small_models),
        "MAX_BODY_BYTES": str(LIMIT),
        "MAX_BATCH_BODY_BYTES": str(LIMIT),
        "AzureFunctionsWebHost__hostid": f"{HOST_ID}-roomy",
    }
    with run_app(PROJECT, settings=settings) as running:
        # What is read at the first request is not the body's cost.
        for path in PATHS:
            httpx.post(f"{running.base_url}/api/{path}", content=b"{}")
        yield running


def problem(
    app: RunningApp, path: str, status: int, code: str, body: bytes, **headers: str
) -> dict[str, Any]:
    sent = {"content-type": "application/json"} | {
        name.replace("_", "-"): text for name, text in headers.items()
    }
    answer = httpx.post(f"{app.base_url}/api/{path}", content=body, headers=sent, timeout=60)
    assert answer.headers.get("content-type") == "application/problem+json", answer.text[:500]
    document: dict[str, Any] = answer.json()
    assert (answer.status_code, document["code"]) == (status, code), answer.text[:500]
    assert len(answer.content) < 50_000
    return document


def spent(app: RunningApp) -> float:
    """Return the processor seconds of the worker so far."""
    (pid,) = app.worker_pids()
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@cache
def many_keys() -> bytes:
    return b"{" + b",".join(b'"%x":1' % n for n in range(300_000)) + b"}"


@cache
def bomb() -> bytes:
    return gzip.compress(b" " * 300_000_000, 9)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processor times are read from /proc")
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("shape", ["keys", "huge numbers", "empty objects"])
def test_a_large_body_costs_its_own_parse(roomy: RunningApp, path: str, shape: str) -> None:
    body = {
        "keys": many_keys(),
        "huge numbers": b'{"inputs":[' + b",".join([b"9" * 300] * 30_000) + b"]}",
        "empty objects": b'{"drives":[' + b",".join([b"{}"] * 300_000) + b"]}",
    }[shape]
    start = time.thread_time()
    json.loads(body)
    parse = time.thread_time() - start
    before = spent(roomy)
    answer = httpx.post(f"{roomy.base_url}/api/{path}", content=body, timeout=60)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert spent(roomy) - before < PARSES * parse + 0.1


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000])
def test_a_hundred_thousand_deep(roomy: RunningApp, path: str, body: bytes) -> None:
    document = problem(roomy, path, 400, "too_deep", body)
    assert re.search(r"\b100000 .*\b32\b", document["detail"])


@pytest.mark.parametrize("path", PATHS)
def test_a_bomb_is_not_unpacked(roomy: RunningApp, path: str) -> None:
    assert len(bomb()) < 1_000_000
    start = time.monotonic()
    problem(roomy, path, 413, "body_too_large", bomb(), content_encoding="gzip")
    assert time.monotonic() - start < 5
    problem(roomy, path, 415, "unsupported_encoding", gzip.compress(bomb()), content_encoding="gzip, gzip")


@pytest.mark.parametrize("path", ["predict", "predict/batch"])
def test_a_hundred_megabytes(roomy: RunningApp, path: str) -> None:
    document = problem(roomy, path, 413, "body_too_large", b" " * 104_857_600)
    assert f" {LIMIT} " in document["detail"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("value", "output"),
    [
        (b"NaN", ": NaN "),
        (b"-Infinity", ": -Infinity "),
        (b'"\\ud800"', "surrogate"),
        (b'"\xff"', "UTF-8"),
        (b'"\xed\xa0\x80"', "UTF-8"),
    ],
)
def test_what_is_not_json(roomy: RunningApp, path: str, value: bytes, output: str) -> None:
    assert output in problem(roomy, path, 400, "broken_json", DRIVE + b', "x": ' + value + b"}")["detail"]


@pytest.mark.parametrize("path", PATHS)
def test_other_encodings_of_text(roomy: RunningApp, path: str) -> None:
    marked = problem(roomy, path, 400, "broken_json", b"\xef\xbb\xbf" + DRIVE + b"}")
    assert "UTF-8" in marked["detail"]
    problem(roomy, path, 400, "broken_json", (DRIVE + b"}").decode().encode("utf-16"))
    for charset in ("utf-16", "iso-8859-1", "x", '"', ""):
        kind = f"application/json; charset={charset}"
        problem(roomy, path, 415, "unsupported_media_type", DRIVE + b"}", content_type=kind)


@pytest.mark.parametrize("path", ["predict", "explain"])
def test_numbers_beyond_a_double_are_told_with_the_other_faults(roomy: RunningApp, path: str) -> None:
    body = DRIVE + b', "smart_5_raw": 1e400, "smart_187_raw": ' + b"9" * 5000 + b', "smart_9_raw": -1e999}'
    found = faults(problem(roomy, f"{path}?format=x", 422, "invalid_telemetry", body))
    assert found == {"?format": "'x'", "smart_187_raw": "inf", "smart_5_raw": "inf"}


def test_numbers_beyond_a_double_elsewhere(roomy: RunningApp) -> None:
    batch = problem(roomy, "predict/batch", 422, "invalid_telemetry", b'{"drives": 1e400}')
    assert faults(batch) == {"drives": "inf"}
    table = b'{"dataframe_records": [{"model": "x", "smart_5_raw": 1e400}]}'
    assert faults(problem(roomy, "invocations", 422, "invalid_inputs", table)) == {"smart_5_raw[0]": "inf"}
    values = b",".join([b"1e400"] * 2 + [b"0"] * 14)
    tensor = b'{"inputs":[{"name":"features","shape":[1,16],"datatype":"FP32","data":[' + values + b"]}]}"
    found = faults(problem(roomy, "v2/models/drivecast/infer", 422, "invalid_inputs", tensor))
    assert found == {"inputs[0].data[0]": "inf", "inputs[0].data[1]": "inf"}


def test_of_a_name_that_is_there_twice_the_last_counts(roomy: RunningApp) -> None:
    """As in Python, JavaScript and most other readers; on the fast path and off it."""
    wrong_first = b'{"smart_5_raw": "x", ' + DRIVE[1:] + b"}"
    answer = httpx.post(f"{roomy.base_url}/api/predict", content=wrong_first)
    assert answer.status_code == 200
    assert answer.json() == httpx.post(f"{roomy.base_url}/api/predict", content=DRIVE + b"}").json()
    problem(roomy, "predict", 422, "invalid_telemetry", DRIVE + b', "smart_5_raw": "x"}')


def raw(app: RunningApp, head: bytes, body: bytes) -> tuple[bytes, bytes]:
    """Send bytes as they are; return the answer's head and body."""
    host, _, port = app.base_url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        lines = [
            b"POST /api/predict HTTP/1.1",
            b"host: x",
            b"connection: close",
            b"content-type: application/json",
        ]
        connection.sendall(b"\r\n".join([*lines, *([head] if head else []), b"", b""]) + body)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    first, _, rest = answer.partition(b"\r\n\r\n")
    return first, rest


def test_framing(roomy: RunningApp) -> None:
    body = DRIVE + b"}"
    pieces = b"".join(
        b"%x\r\n%b\r\n" % (len(body[at : at + 7]), body[at : at + 7]) for at in range(0, len(body), 7)
    )
    # The host hands over no body of a chunked request, whole or broken.
    for chunks in (pieces + b"0\r\n\r\n", b"zz\r\n" + body):
        head, answer = raw(roomy, b"transfer-encoding: chunked", chunks)
        assert head.startswith(b"HTTP/1.1 411 ")
        assert msgspec.json.decode(answer)["code"] == "length_required"
    # Without length or chunks there is no body, by HTTP.
    for sent in (b"", body):
        head, answer = raw(roomy, b"", sent)
        assert head.startswith(b"HTTP/1.1 400 ")
        assert msgspec.json.decode(answer)["code"] == "empty_body"
    # What is no HTTP does not reach the app.
    head, answer = raw(roomy, b"transfer-encoding: gzip", body)
    assert head.startswith(b"HTTP/1.1 400 ")
    assert answer == b""
