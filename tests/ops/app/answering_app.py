"""Stand-ins: an app that answers as told, for what no healthy one does, and Entra ID before a real one."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

type Answer = tuple[int, Any]
type Answers = Mapping[str, Answer | Sequence[Answer]]

EXCLUDED = ("/api/health", "/runtime/webhooks/blobs", "/admin/host/status")
"""Paths that App Service's authentication lets pass without a token: infra/modules/authentication.bicep."""


@contextmanager
def answering(answers: Answers, token: str = "") -> Iterator[str]:
    """Serve answers by path, query left out; 404 for any other. A str is sent as it is, else as JSON.

    Parameters
    ----------
    answers : mapping
        A list of answers is given one after the other, the last one for ever.
    token : str
        What App Service's authentication in front of an app asks for: without it everything but `EXCLUDED` is
        answered 401 with an empty body.
    """
    counts: dict[str, int] = {}

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            path = self.path.partition("?")[0]
            found = answers.get(path, (404, "Not Found"))
            if not isinstance(found, tuple):
                found = found[min(counts.get(path, 0), len(found) - 1)]
                counts[path] = counts.get(path, 0) + 1
            if token and path not in EXCLUDED and self.headers.get("Authorization") != f"Bearer {token}":
                found = (401, "")
            status, document = found
            body = document if isinstance(document, str) else json.dumps(document)
            self.send_response(status)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body.encode())

        do_GET = answer  # noqa: N815 (the names http.server calls)
        do_HEAD = answer  # noqa: N815
        do_POST = answer  # noqa: N815

        def log_message(self, *args: Any) -> None:
            """Stay quiet."""

    with _serving(Handler) as url:
        yield url


@contextmanager
def behind_entra_id(url: str, token: str) -> Iterator[str]:
    """Stand before a real app as App Service's authentication: hand on what has the token or needs none."""

    class Handler(BaseHTTPRequestHandler):
        def hand_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path in EXCLUDED or self.headers.get("Authorization") == f"Bearer {token}":
                headers = {name: value for name, value in self.headers.items() if name != "Host"}
                found = httpx.request(self.command, url + self.path, content=body, headers=headers)
                status, content = found.status_code, found.content
            else:
                status, content = 401, b""
            self.send_response(status)
            self.end_headers()
            self.wfile.write(content)

        do_GET = hand_on  # noqa: N815 (the names http.server calls)
        do_POST = hand_on  # noqa: N815

        def log_message(self, *args: Any) -> None:
            """Stay quiet."""

    with _serving(Handler) as address:
        yield address


@contextmanager
def _serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
