"""HTTP functions as an ASGI application: bytes in, the runtime, bytes out.

In the order of the host: its own pages, then the functions' routes, then the key, then the call. What fits no
route is 404 without a body, and so is a method no route of the path takes.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import cast

from starlette.types import ASGIApp, Receive, Scope, Send

from devhost.errors import DevhostError
from devhost.host_config import HostConfig
from devhost.http.admin import HostPages
from devhost.http.answers import FAILED, respond, to_answer
from devhost.http.keys import Keys, Level, level_of
from devhost.http.route_template import TemplateError
from devhost.http.routes import Route, RouteTable, by_name
from devhost.http.target import RequestTarget, join_values, names_a_host, read_query
from devhost.http.threads import HttpThreads
from devhost.invocations import Invoker
from devhost.runtime import Function, HttpInput, InvocationOutcome

BODY_LIMIT = int(os.environ.get("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "104857600"))
"""Largest request body, bytes; the Functions host's default and the setting it reads."""

RESERVED = ("admin", "runtime")
"""Beginnings that no function's route may have."""


class HttpFunction:
    """One function, called with a request."""

    in_flight = 0
    """Requests in progress in this process, over all functions."""

    def __init__(
        self, function: Function, invoker: Invoker, threads: HttpThreads, outstanding: int, keys: Keys
    ) -> None:
        """Set up.

        Parameters
        ----------
        threads : HttpThreads
            The pool for plain functions.
        outstanding : int
            Most requests at once; -1: any.
        keys : Keys
            What a request's key is compared with.
        """
        self._function = function
        self._invoker = invoker
        self._threads = threads
        self._outstanding = outstanding
        self._keys = keys
        self._level = level_of(function.trigger)
        self._open = self._level is Level.ANONYMOUS or not keys.asked_for
        self._parameter = str(function.trigger["name"])

    async def __call__(self, scope: Scope, values: Mapping[str, str], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if 0 <= self._outstanding <= HttpFunction.in_flight:
            await respond(send, 429, [(b"x-function-scaleout", b"1")], b"")
            return
        if not self._open and not self._keys.admits(scope, self._level):
            await respond(send, 401, [], b"")
            return
        HttpFunction.in_flight += 1
        try:
            headers, length = read_headers(scope)
            if not names_a_host(headers.get("host", "")):  # the host fails to make a URL of it
                await respond(send, *FAILED)
                return
            try:
                body = await read_body(receive) if length else b""
            except ClientGoneError:
                return
            if body is None:
                await respond(send, 413, [], b"")
                return
            request = to_input(scope, headers, values, body)
            inputs = {self._parameter: request}
            trace = headers.get("traceparent", "")
            if self._function.is_async:
                outcome = await self._invoker.run_async(self._function, "", inputs, {}, trace)
            else:
                call = partial(self._invoker.run, self._function, "", inputs, {}, trace)
                outcome = cast(InvocationOutcome, await self._threads.run(call))
        finally:
            HttpFunction.in_flight -= 1
        await respond(send, *to_answer(outcome))


type Endpoint = Callable[[Scope, Mapping[str, str], Receive, Send], Awaitable[None]]


def make_app(
    functions: Iterable[Function],
    invoker: Invoker,
    config: HostConfig,
    threads: HttpThreads,
    pages: HostPages,
    keys: Keys,
) -> ASGIApp:
    """Build the ASGI application of every HTTP function.

    Parameters
    ----------
    functions : iterable of Function
        Those with another trigger are passed over.
    config : HostConfig
        Route prefix and request limit.
    threads : HttpThreads
        On which plain (``def``) functions run.
    pages : HostPages
        The host's own pages; they come first.
    keys : Keys
        What a request's key is compared with.

    Raises
    ------
    DevhostError
        If a function's route is none, is reserved, or is another function's.
    """
    find_page = RouteTable(pages.routes()).find
    find_function = RouteTable(
        (route, HttpFunction(function, invoker, threads, config.max_outstanding_requests, keys))
        for function, route in function_routes(functions, config)
    ).find

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        method, path = scope["method"], scope["path"]
        page = find_page(method, path)
        if page is not None:
            await page[0](scope, page[1], receive, send)
            return
        found = find_function(method, path)
        if found is not None:
            await found[0](scope, found[1], receive, send)
        elif path == "/":
            await respond(send, *pages.home())
        else:
            await respond(send, 404, [], b"")

    return app


def function_routes(functions: Iterable[Function], config: HostConfig) -> list[tuple[Function, Route]]:
    """Return every HTTP function's route in the order in which they are tried; raises as :func:`make_app`."""
    routes: list[tuple[Function, Route]] = []
    taken: list[tuple[str, frozenset[str] | None, str]] = []
    for function in sorted(functions, key=lambda function: by_name(function.name)):
        trigger = function.trigger
        if trigger["type"] != "httpTrigger":
            continue
        template = str(trigger.get("route") or function.name)
        plain = template.strip("/").lower()
        if plain.startswith(RESERVED):
            raise DevhostError(
                f"{function.name}: the route {template!r} is the host's own; "
                "name one that does not begin with admin or runtime"
            )
        methods = trigger.get("methods")
        prefix = f"{config.route_prefix}/" if config.route_prefix else ""
        try:
            route = Route(prefix + template, methods)
        except TemplateError as error:
            raise DevhostError(f"{function.name}: the route {template!r} is none: {error}") from None
        for other, their_methods, name in taken:
            shared = not route.methods or not their_methods or route.methods & their_methods
            if other == plain and shared:
                raise DevhostError(
                    f"{function.name}: the route {template!r} is that of {name}, for the same methods; "
                    "name another route or other methods"
                )
        taken.append((plain, route.methods, function.name))
        routes.append((function, route))
    return routes


class ClientGoneError(Exception):
    """The client has ended the connection, or was too slow, before its request was complete."""


async def read_body(receive: Receive) -> bytes | None:
    """Read a request's body; None if it is larger than :data:`BODY_LIMIT`.

    Raises
    ------
    ClientGoneError
        There is only a part of it.
    """
    parts: list[bytes] = []
    size, more = 0, True
    while more and size <= BODY_LIMIT:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message.get("more_body", False)
    return b"".join(parts) if size <= BODY_LIMIT else None


def read_headers(scope: Scope) -> tuple[dict[str, str], bool]:
    """Return headers as the host hands them over, and whether it hands over a body.

    A name given twice has its values joined by a comma. Without a length above 0 there is no body for the
    host, so none is handed over of a chunked request.
    """
    headers: dict[str, str] = {}
    several: dict[str, list[str]] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("ascii"), raw_value.decode()
        if name in headers:
            several.setdefault(name, [headers[name]]).append(value)
        else:
            headers[name] = value
    for name, values in several.items():
        headers[name] = join_values(values)
    length = headers.get("content-length", "")
    return headers, length.isdecimal() and int(length) > 0


def to_input(scope: Scope, headers: Mapping[str, str], values: Mapping[str, str], body: bytes) -> HttpInput:
    """Turn an ASGI scope into what the host hands to the worker; a query's empty values are left out."""
    target: RequestTarget = scope["target"]
    query = {name: value for name, value in read_query(target.query).items() if value} if target.query else {}
    url = f"{scope['scheme']}://{headers.get('host', '')}{target.url_path}{target.url_query}"
    return HttpInput(scope["method"], url, headers, query, values, body)
