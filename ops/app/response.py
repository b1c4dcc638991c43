"""The app's answer to a GET, as far as ops looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import msgspec

from ops.errors import OpsError

HEALTH = "/api/health"
READY = "/api/ready"
MODEL = "/api/model"

SHOWN = 300
"""Characters of an answer that are repeated in a message."""


@dataclass(frozen=True)
class AppAnswer:
    """An HTTP answer: its JSON object, empty when there is none, and its text, cut to `SHOWN` characters."""

    status: int
    document: dict[str, Any]
    text: str

    @property
    def is_ok(self) -> bool:
        """Whether the status is 200."""
        return self.status == httpx.codes.OK

    @property
    def summary(self) -> str:
        """Status and reason in words."""
        detail = self.document.get("detail")
        return f"{self.status}: {detail}" if isinstance(detail, str) else f"{self.status} {self.text}".strip()


def get(http: httpx.Client, path: str) -> AppAnswer:
    """Ask the app for a path such as ``/api/health``; *http* has its address as base.

    OpsError when nothing answers there.
    """
    try:
        return of(http.get(path))
    except httpx.TransportError as error:
        raise OpsError(
            f"nothing answers at {http.base_url} ({error}); start the app with `make start`, or name another "
            "with --url or --app"
        ) from None


def of(response: httpx.Response) -> AppAnswer:
    """Return an httpx response's status and document."""
    try:
        document = msgspec.json.decode(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        document = {}
    text = " ".join(response.text.split())[:SHOWN]
    return AppAnswer(response.status_code, document if isinstance(document, dict) else {}, text)
