"""One HTTP request and its reply, with an end to both."""

from __future__ import annotations

import http.client
import ssl
import time
import urllib.error
import urllib.request
from typing import Any, Mapping, NamedTuple
from urllib.parse import urlsplit

REPLY_LIMIT = 64 * 2**20
"""Bytes of a reply that are read: Prometheus' answers for 40,000 drives are below."""

_PIECE = 65_536


class Outgoing(NamedTuple):
    """One request to send; ``url`` and ``headers`` may hold secrets and are never printed."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None


class Reply(NamedTuple):
    """The reply to it; names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def taken(self) -> bool:
        """Whether the request was taken, whatever the reply says of it."""
        return self.status // 100 == 2  # noqa: PLR2004


class UnreachableError(Exception):
    """There was no reply, or not all of it."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Leaves a redirect alone: keys and tokens are for the address that was given."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


def place_of(url: str) -> str:
    """Return an address without what may be secret in it, for messages."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"


def exchange(outgoing: Outgoing, seconds: float) -> Reply:
    """Send a request and return its reply, whatever its status.

    Raises
    ------
    UnreachableError
        No connection, or the reply was not there within *seconds*.
    """
    request = urllib.request.Request(  # noqa: S310 - settings allow http and https alone
        outgoing.url, data=outgoing.body, headers=dict(outgoing.headers), method=outgoing.method
    )
    ends = time.monotonic() + seconds
    try:
        try:
            answer = _OPENER.open(request, timeout=seconds)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return Reply(int(answer.status or answer.code), headers, _read(answer, ends))
    except ssl.SSLError as error:
        raise UnreachableError(f"TLS failed: {error}") from None
    except urllib.error.URLError as error:
        raise UnreachableError(str(error.reason)) from None
    except (OSError, http.client.HTTPException) as error:
        raise UnreachableError(str(error) or type(error).__name__) from None


def _read(answer: Any, ends: float) -> bytes:
    """Read a body; the timeout of a socket is for each piece, and a server may send one byte at a time."""
    body = b""
    while True:
        piece = answer.read1(_PIECE) if hasattr(answer, "read1") else answer.read(_PIECE)
        if not piece:
            return body
        body += piece
        if len(body) > REPLY_LIMIT:
            raise UnreachableError(f"the reply has more than {REPLY_LIMIT} bytes")
        if time.monotonic() > ends:
            raise UnreachableError("the reply did not end in time")
