"""A stand-in for an app that answers as told: for what a healthy app never does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

type Answers = Mapping[str, tuple[int, Any]]


@contextmanager
def answering(answers: Answers) -> Iterator[str]:
    """Serve answers by path, query left out; 404 for any other. A str is sent as it is, else as JSON."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, document = answers.get(self.path.partition("?")[0], (404, "Not Found"))
            body = document if isinstance(document, str) else json.dumps(document)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        do_GET = answer  # noqa: N815 (the names http.server calls)
        do_POST = answer  # noqa: N815

        def log_message(self, *args: Any) -> None:
            """Stay quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
