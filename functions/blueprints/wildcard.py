"""Blueprint of what no endpoint takes: unknown paths, and known ones with another method.

The host tries routes in the order of function names, and the first that matches wins, however exact others
are. So the function that takes every path must sort last of all; tests/test_routes.py holds that.
"""

from __future__ import annotations

import re
from functools import cache, partial

import azure.functions as func

from functions.http.endpoints import ENDPOINTS
from functions.http.errors import MethodNotAllowedError, NotFoundError
from functions.http.request import Request
from functions.http.responses import answering
from functions.scoring.telemetry import show_value

blueprint = func.Blueprint()  # type: ignore[no-untyped-call]


@cache
def _paths() -> list[tuple[re.Pattern[str], tuple[str, ...]]]:
    """Return a pattern of the path and the methods of every endpoint."""
    return [(re.compile(_pattern(entry.route), re.IGNORECASE), entry.methods) for entry in ENDPOINTS.values()]


def _pattern(route: str) -> str:
    """Return the pattern of a route: a parameter takes a segment, an optional one without room nothing."""
    parts = re.split(r"(\{[^{}]*\})", route)
    return "".join(
        re.escape(part) if not part.startswith("{") else "" if part.endswith("?}") else "[^/]+"
        for part in parts
    )


@blueprint.function_name("wildcard")
@blueprint.route(route="{*path}", auth_level=func.AuthLevel.ANONYMOUS)
@partial(answering, limited=False)
def wildcard(request: Request) -> func.HttpResponse:
    """Say that there is no such endpoint, or that it takes other methods."""
    path = request.route("path").strip("/")
    allow = sorted({method for pattern, methods in _paths() if pattern.fullmatch(path) for method in methods})
    method = request.raw.method
    # A path with an empty segment, which some hosts let through, is like no route the host knows.
    if allow and method not in allow:
        msg = f"/{path} takes {' and '.join(allow)}, not {method}."
        raise MethodNotAllowedError(msg, allow)
    path = show_value("/" + request.route("path"))
    msg = f"There is nothing at {path}; GET openapi.json lists every endpoint."
    raise NotFoundError(msg)
