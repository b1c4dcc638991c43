from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from ops.app.predict_client import predict
from ops.errors import OpsError

ANSWER = {
    "serial_number": "A",
    "probability": 0.25,
    "risk": "high",
    "advice": "Back it up.",
    "model_version": "v2",
    "reasons": [{"attribute": 5, "sentence": "48 reallocated sectors."}],
}


@contextmanager
def answering(status: int, body: bytes) -> Iterator[tuple[str, list[Any]]]:
    """Serve one fixed answer (a stand-in for the app: the client's behaviour is what is tested)."""
    seen: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Stay quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", seen
        finally:
            server.shutdown()
            thread.join()


def test_sends_history_only_where_there_is_some() -> None:
    with answering(200, json.dumps(ANSWER).encode()) as (url, seen):
        prediction = predict(url, {"serial_number": "A"}, [])
        predict(url, {"serial_number": "A"}, [{"serial_number": "A", "smart_5_raw": 1}])
    assert prediction.reasons[0].sentence == "48 reallocated sectors."
    assert seen == [
        ("/api/predict", {"serial_number": "A"}),
        ("/api/predict", {"serial_number": "A", "history": [{"serial_number": "A", "smart_5_raw": 1}]}),
    ]


def test_a_problem_is_passed_on() -> None:
    with (
        answering(422, b'{"title": "No such",\n "detail": "attribute"}') as (url, _),
        pytest.raises(OpsError, match=r'\b422: \{"title": "No such", "detail": "attribute"}'),
    ):
        predict(url, {}, [])


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"probability": "high"}'])
def test_an_answer_of_another_shape_is_refused(body: bytes) -> None:
    with answering(200, body) as (url, _), pytest.raises(OpsError, match="/api/predict"):
        predict(url, {}, [])
