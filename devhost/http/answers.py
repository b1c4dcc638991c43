"""A function's answer: status, headers and body, as the host and Kestrel write them."""

from __future__ import annotations

import json
import re
from typing import Any

from starlette.types import Send

from devhost.http.cookies import write_cookie
from devhost.runtime import InvocationOutcome

type Headers = list[tuple[bytes, bytes]]
type Answer = tuple[int, Headers, bytes]

WITHOUT_BODY = frozenset({204, 205, 304})
"""Statuses whose answer Kestrel writes no body of, whatever the function gave."""

STATUSES = range(200, 1000)
"""Statuses of a function: Kestrel sends other numbers, but no client reads them as an answer."""

FAILED: Answer = (500, [], b"")
TEXT = [(b"content-type", b"text/plain; charset=utf-8")]

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(r"[\x20-\x7e]*")


def to_answer(outcome: InvocationOutcome) -> Answer:
    """Turn an outcome into an answer; a failed one is 500 without a body.

    So is one with a header Kestrel refuses: a name that is no token, or a value that is not printable ASCII.
    """
    if outcome.error is not None:
        return FAILED
    value = outcome.value
    if value is None:
        return 204, [], b""
    if value.type != "http":
        return _text_answer(_bytes(value).decode())
    fields = value.value
    headers: Headers = []
    names: set[str] = set()
    try:
        for name, datum in fields["headers"].items():
            if name.lower() not in names:  # of several spellings the first counts
                names.add(name.lower())
                headers.append(_header(name, datum.value))
        for jar in fields.get("cookies") or ():
            headers += [_header("set-cookie", write_cookie(name, cookie)) for name, cookie in jar.items()]
    except ValueError:
        return FAILED
    status = int(fields["status_code"].value)
    if status not in STATUSES:
        return FAILED
    return status, headers, b"" if status in WITHOUT_BODY else _bytes(fields["body"])


def _header(name: str, value: str) -> tuple[bytes, bytes]:
    if _NAME.fullmatch(name) is None or _VALUE.fullmatch(value) is None:
        raise ValueError(name)
    return name.lower().encode("ascii"), value.encode("ascii")


def _no_constant(name: str) -> None:
    """Leave NaN and the infinities, which Json.NET writes as they are, to be answered as texts."""
    raise ValueError(name)


def _text_answer(text: str) -> Answer:
    """Answer with a text a function returned.

    The host reads it as JSON if it can: an object with a ``body`` is taken for a whole answer, anything else
    is written again in Json.NET's way.
    """
    try:
        content = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return 200, list(TEXT), text.encode()
    if not isinstance(content, dict):
        return 200, list(TEXT), _to_text(content).encode()
    fields = {name.lower(): value for name, value in content.items()}
    if "body" not in fields:
        return 200, list(TEXT), _to_text(content).encode()
    given = fields.get("headers")
    try:
        status = int(fields.get("statuscode", fields.get("status", 200)))
        headers = [_header(n, _to_text(v)) for n, v in given.items()] if isinstance(given, dict) else []
    except (ValueError, TypeError):
        return FAILED
    if not any(name == b"content-type" for name, _ in headers):
        headers += TEXT
    body = fields["body"]
    compact = isinstance(body, dict)
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":")) if compact else _to_text(body)
    return status, headers, b"" if status in WITHOUT_BODY else text.encode()


def _to_text(value: object) -> str:
    """Write a JSON value as .NET's ToString does."""
    if isinstance(value, dict | list):
        return json.dumps(value, indent=2, ensure_ascii=False)
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)  # noqa: PLR2004
    return str(value)


def _bytes(datum: Any) -> bytes:
    value = datum.value if datum is not None else b""
    return value.encode() if isinstance(value, str) else bytes(value or b"")


async def respond(send: Send, status: int, headers: Headers, body: bytes) -> None:
    """Send a whole answer."""
    length = str(len(body)).encode()
    own = next((value for name, value in headers if name == b"content-length"), None)
    if own is not None and own != length:  # Kestrel fails it as soon as it is written
        status, headers, body, length = *FAILED, b"0"
        own = None
    if own is None and status not in (204, 304):
        headers = [*headers, (b"content-length", length)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
