"""Function keys: whether a request may start an HTTP function, as the Functions host decides it.

Off unless asked for, as under ``func start``. The app setting `SETTING` turns it on: functions of every level
but anonymous then want that key, in the header ``x-functions-key`` or else in the query as ``code``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from hmac import compare_digest
from urllib.parse import parse_qsl

from starlette.types import Scope

SETTING = "DEVHOST_FUNCTION_KEY"
HEADER = b"x-functions-key"
PARAMETER = "code"


def function_key(environment: Mapping[str, str] | None = None) -> str | None:
    """Return the key that functions ask for; None where keys are not asked for."""
    return (os.environ if environment is None else environment).get(SETTING) or None


def wants_key(trigger: Mapping[str, object]) -> bool:
    """Say whether an HTTP trigger's level asks for a key; one that names no level does, as in the host."""
    return str(trigger.get("authLevel", "function")).lower() != "anonymous"


def admitted(scope: Scope, key: str) -> bool:
    """Say whether a request carries the key. The header wins: with a wrong one the query is not looked at."""
    given = _header(scope["headers"])
    if given is None:
        query = scope["query_string"].decode("latin-1")
        pairs = parse_qsl(query, keep_blank_values=True, errors="replace")
        given = next((value.encode() for name, value in pairs if name.lower() == PARAMETER), b"")
    return compare_digest(given, key.encode())


def _header(headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    return next((value for name, value in headers if name == HEADER), None)
