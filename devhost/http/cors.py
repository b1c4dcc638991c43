"""CORS as the Functions host does it by settings of its own: off unless they say otherwise.

The host (CorsOptionsSetup, HostCorsOptionsSetup) allows every method and header to the origins listed, and
leaves the rest to ASP.NET's CorsMiddleware and CorsService. A preflight is answered here, before keys are
looked at. In Azure App Service stands in front and does it, by the app's site configuration.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from devhost.errors import DevhostError
from devhost.http.answers import Headers

ENABLED = "FUNCTIONS_ENABLE_CORS_CONFIGURATION"
ORIGINS = "CORS_ALLOWED_ORIGINS"
CREDENTIALS = "CORS_SUPPORT_CREDENTIALS"

ANY = "*"


@dataclass(frozen=True)
class Cors:
    """Origins whose pages may read answers, in small letters, or `ANY` alone; and whether with cookies."""

    origins: tuple[str, ...]
    credentials: bool

    def headers(self, request: Mapping[bytes, bytes], *, preflight: bool) -> Headers:
        """Return what is added to an answer; nothing for an origin that is not listed.

        *request* has the headers by name; there is an ``origin`` among them.
        """
        origin = request[b"origin"]
        is_any = self.origins == (ANY,)
        if not origin or not (is_any or origin.decode() in self.origins):
            return []
        added: Headers = [(b"access-control-allow-origin", b"*" if is_any else origin)]
        if self.credentials:
            added.append((b"access-control-allow-credentials", b"true"))
        if preflight:
            if wanted := _values(request.get(b"access-control-request-headers", b"")):
                added.append((b"access-control-allow-headers", wanted))
            added.append((b"access-control-allow-methods", request[b"access-control-request-method"]))
        if not is_any and len(self.origins) > 1:
            added.append((b"vary", b"Origin"))
        return added


def _values(text: bytes) -> bytes:
    return b",".join(part for value in text.split(b",") if (part := value.strip()))


def read_cors(environment: Mapping[str, str] | None = None) -> Cors | None:
    """Read the host's settings; None where CORS is off.

    Raises
    ------
    DevhostError
        They are not what the host can read: it would not start.
    """
    source = os.environ if environment is None else environment
    if source.get(ENABLED) != "1":
        return None
    text = source.get(ORIGINS, "").strip()
    try:
        origins = json.loads(text) if text else []
    except ValueError:
        origins = None
    if not isinstance(origins, list) or not all(isinstance(origin, str) for origin in origins):
        raise DevhostError(
            f"{ORIGINS} is {text!r}; expected a JSON array of origins, such as "
            '["https://dashboard.example.com"]'
        )
    credentials = source.get(CREDENTIALS, "").strip().lower() or "false"
    if credentials not in ("true", "false"):
        raise DevhostError(f"{CREDENTIALS} is {credentials!r}; expected true or false")
    found = Cors(tuple(origin.lower() for origin in origins), credentials == "true")
    if found.origins == (ANY,) and found.credentials:
        raise DevhostError(
            f"{ORIGINS} allows every origin, and {CREDENTIALS} is true: ASP.NET takes one of the two; "
            "list the origins"
        )
    return found


def with_cors(app: ASGIApp, cors: Cors) -> ASGIApp:
    """Put CORS in front of an application: its preflights are answered, its other answers get headers."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        request: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            request[name] = request[name] + b"," + value if name in request else value
        if b"origin" not in request:
            await app(scope, receive, send)
            return
        preflight = scope["method"].upper() == "OPTIONS" and b"access-control-request-method" in request
        added = cors.headers(request, preflight=preflight)
        if preflight:
            await send({"type": "http.response.start", "status": 204, "headers": added})
            await send({"type": "http.response.body", "body": b""})
            return

        async def send_with(message: Message) -> None:
            if message["type"] == "http.response.start":
                names = {name for name, _ in added if name != b"vary"}
                kept = [header for header in message["headers"] if header[0] not in names]
                message = {**message, "headers": [*kept, *added]}
            await send(message)

        await app(scope, receive, send_with)

    return wrapped
