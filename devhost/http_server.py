"""HTTP functions behind Starlette's router: bytes in, the runtime, bytes out.

Function keys are asked for where `devhost.function_keys` is told one; a request without it gets 401 and no
body, as in Azure. A method the route does not have is answered 405 with ``Allow``; the Functions host in
Azure answers 404 there (Azure/azure-functions-host issue 10098).
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache, partial
from typing import Any, cast
from urllib.parse import parse_qsl

from starlette.routing import BaseRoute, Router
from starlette.types import Receive, Scope, Send

from devhost.function_keys import admitted, wants_key
from devhost.host_config import HostConfig
from devhost.http_routes import FunctionRoute
from devhost.http_threads import HttpThreads
from devhost.invocations import Invoker
from devhost.runtime import Function, HttpInput, Outcome

BODY_LIMIT = int(os.environ.get("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "104857600"))
"""Largest request body, bytes; the Functions host's default and the setting it reads."""

type Headers = list[tuple[bytes, bytes]]


class HttpFunction:
    """The ASGI endpoint of one function."""

    in_flight = 0
    """Requests in progress in this process, over all functions."""

    def __init__(
        self, function: Function, invoker: Invoker, threads: HttpThreads, outstanding: int, key: str | None
    ) -> None:
        """Set up.

        Parameters
        ----------
        function : Function
        invoker : Invoker
            Runs it.
        threads : HttpThreads
            The pool for plain functions.
        outstanding : int
            Most requests at once; -1: any.
        key : str or None
            What a request has to carry; None: nothing.
        """
        self._function = function
        self._invoker = invoker
        self._threads = threads
        self._outstanding = outstanding
        self._key = key
        self._parameter = str(function.trigger["name"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self._key is not None and not admitted(scope, self._key):
            await respond(send, 401, [], b"")
            return
        if 0 <= self._outstanding <= HttpFunction.in_flight:
            await respond(send, 429, [(b"retry-after", b"1")], b"")
            return
        HttpFunction.in_flight += 1
        try:
            body = await read_body(receive)
            if body is None:
                await respond(send, 413, [], b"")
                return
            request = to_input(scope, body)
            inputs = {self._parameter: request}
            trace = request.headers.get("traceparent", "")
            if self._function.is_async:
                outcome = await self._invoker.run_async(self._function, "", inputs, {}, trace)
            else:
                call = partial(self._invoker.run, self._function, "", inputs, {}, trace)
                outcome = cast(Outcome, await self._threads.run(call))
        finally:
            HttpFunction.in_flight -= 1
        await respond(send, *to_response(outcome))


def make_app(
    functions: Iterable[Function],
    invoker: Invoker,
    config: HostConfig,
    threads: HttpThreads,
    extra: Iterable[BaseRoute] = (),
    key: str | None = None,
) -> Router:
    """Build the ASGI app of every HTTP function.

    Parameters
    ----------
    functions : iterable of Function
        Those with another trigger are passed over.
    invoker : Invoker
        Runs them.
    config : HostConfig
        Route prefix and request limit.
    threads : HttpThreads
        On which plain (``def``) functions run.
    extra : iterable of BaseRoute
        The host's own routes; they come first.
    key : str, optional
        Function key; without one none is asked for.
    """
    routes = []
    for function in functions:
        trigger = function.trigger
        if trigger["type"] == "httpTrigger":
            asked = key if wants_key(trigger) else None
            endpoint = HttpFunction(function, invoker, threads, config.max_outstanding_requests, asked)
            template = str(trigger.get("route") or function.name)
            methods = [str(method) for method in trigger.get("methods") or ()]
            routes.append(FunctionRoute(template, config.route_prefix, endpoint, methods, function.name))
    routes.sort(key=lambda route: route.rank)
    return Router([*extra, *routes], redirect_slashes=False)


async def read_body(receive: Receive) -> bytes | None:
    """Read a request's body; None if it is larger than :data:`BODY_LIMIT`."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body if len(body) <= BODY_LIMIT else None
    parts, size = [body], len(body)
    while message.get("more_body") and size <= BODY_LIMIT:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
    return b"".join(parts) if size <= BODY_LIMIT else None


def to_input(scope: Scope, body: bytes) -> HttpInput:
    """Turn an ASGI scope into what the host hands to the worker; as there, commas join repeated names."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    raw_query = scope["query_string"].decode("latin-1")
    query = dict(_pairs(raw_query)) if raw_query else {}
    host = headers.get("host", "localhost")
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    url = f"{scope['scheme']}://{host}{path}" + (f"?{raw_query}" if raw_query else "")
    return HttpInput(scope["method"], url, headers, query, scope.get("path_params", {}), body)


@lru_cache(maxsize=64)
def _pairs(raw_query: str) -> tuple[tuple[str, str], ...]:
    """Return names and values of a query string; clients send the same one again and again."""
    query: dict[str, str] = {}
    for name, value in parse_qsl(raw_query, keep_blank_values=True, errors="replace"):
        query[name] = f"{query[name]},{value}" if name in query else value
    return tuple(query.items())


def to_response(outcome: Outcome) -> tuple[int, Headers, bytes]:
    """Turn an outcome into status, headers and body; as in Azure, a failed one is 500 without a body."""
    if outcome.error is not None:
        return 500, [], b""
    value = outcome.value
    if value is None:
        return 204, [], b""
    if value.type != "http":
        content = b"application/json" if value.type == "json" else b"text/plain; charset=utf-8"
        return 200, [(b"content-type", content)], _bytes(value)
    fields = value.value
    headers = [(n.lower().encode("latin-1"), h.value.encode("latin-1")) for n, h in fields["headers"].items()]
    for jar in fields.get("cookies") or ():
        headers += [(b"set-cookie", cookie.OutputString().encode("latin-1")) for cookie in jar.values()]
    return int(fields["status_code"].value), headers, _bytes(fields["body"])


def _bytes(datum: Any) -> bytes:
    value = datum.value if datum is not None else b""
    return value.encode() if isinstance(value, str) else bytes(value or b"")


async def respond(send: Send, status: int, headers: Headers, body: bytes) -> None:
    """Send a whole response."""
    if status not in (204, 304) and not any(name == b"content-length" for name, _ in headers):
        headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
