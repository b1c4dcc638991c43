"""The host's own pages: home, ``/admin`` and the extensions' web-hooks, with the keys they ask for.

Which there are, their methods and who may see them is read from the controllers of WebJobs.Script.WebHost.
Those devhost has nothing to say on are answered 501 to who may see them, so a key is judged the same
everywhere.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from devhost.host_config import HostConfig
from devhost.http.answers import Answer, Headers
from devhost.http.keys import BLOBS_EXTENSION, Keys, Level
from devhost.http.routes import Route
from devhost.runtime import PINNED, Function

log = logging.getLogger("Host.Http")

HOME_OFF = "AzureWebJobsDisableHomepage"

type Handler = Callable[[Request], Awaitable[Response]]
type Run = Callable[[Function, str], None]

_NO_STORE = {"cache-control": "no-store,no-cache", "pragma": "no-cache"}
_KEYS = "{keys:regex(^(keys|functionkeys|systemkeys)$)}"

_NOT_DONE: tuple[tuple[str, str], ...] = (
    ("GET", "admin/host/processes"),
    ("GET", "admin/host/config"),
    ("GET", "admin/host/drain/status"),
    ("GET", "admin/host/extensions"),
    ("GET", "admin/host/extensions/jobs"),
    ("GET", "admin/host/extensions/jobs/{id}"),
    ("GET", "admin/host/extensionBundle/v1/templates"),
    ("GET", "admin/host/extensionBundle/v1/bindings"),
    ("GET", "admin/host/extensionBundle/v1/resources"),
    ("GET", "admin/host/extensionBundle/v1/resources.{locale}"),
    ("GET", f"admin/host/{_KEYS}"),
    ("GET", f"admin/host/{_KEYS}/{{name}}"),
    ("GET", "admin/instance/info"),
    ("GET", "admin/functions/download"),
    ("GET", "admin/functions/{name}/keys"),
    ("GET", "admin/functions/{name}/keys/{key}"),
    ("POST", "admin/host/drain"),
    ("POST", "admin/host/resume"),
    ("POST", "admin/host/restart"),
    ("POST", "admin/host/debug"),
    ("POST", "admin/host/log"),
    ("POST", "admin/host/scale/status"),
    ("POST", "admin/host/synctriggers"),
    ("POST", "admin/host/extensions"),
    ("POST", "admin/instance/assign"),
    ("POST", f"admin/host/{_KEYS}/{{name}}"),
    ("POST", "admin/functions/{name}/keys/{key}"),
    ("PUT", "admin/host/state"),
    ("PUT", "admin/host/extensions"),
    ("PUT", f"admin/host/{_KEYS}/{{name}}"),
    ("PUT", "admin/functions/{name}"),
    ("PUT", "admin/functions/{name}/keys/{key}"),
    ("DELETE", "admin/host/extensions/{id}"),
    ("DELETE", f"admin/host/{_KEYS}/{{name}}"),
    ("DELETE", "admin/functions/{name}"),
    ("DELETE", "admin/functions/{name}/keys/{key}"),
)
"""The host's other pages, all the master key's."""


@dataclass(frozen=True)
class Page:
    """A page of the host: what it answers, and the key that opens it."""

    handler: Handler
    keys: Keys
    wanted: Level
    extension: bool = False
    """Whether the path names an extension, whose own system key is asked for."""

    async def __call__(self, scope: Scope, values: Mapping[str, str], receive: Receive, send: Send) -> None:
        """Answer 401 without a key that is known, 403 with one that does not open the page."""
        scope["path_params"] = dict(values)
        with suppress(ClientDisconnect):
            await (await self._answer(Request(scope, receive)))(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if self.wanted is not Level.ANONYMOUS:
            level = self.keys.level(request.scope)
            if level is Level.ANONYMOUS:
                return Response(status_code=401, headers={"www-authenticate": "Bearer"})
            key_fits = level is self.wanted and (
                not self.extension or f"{request.path_params['name']}_extension".lower() == BLOBS_EXTENSION
            )
            if level is not Level.ADMIN and not key_fits:
                return Response(status_code=403)
        try:
            return await self.handler(request)
        except Exception:  # the host's ExceptionMiddleware does the same
            log.exception("%s %s failed", request.method, request.url.path)
            return Response(status_code=500)


class HostPages:
    """The host's pages for one app."""

    def __init__(
        self,
        functions: Sequence[Function],
        config: HostConfig,
        host: str,
        keys: Keys,
        run: Run,
        webhook: Handler | None = None,
    ) -> None:
        """Set up.

        Parameters
        ----------
        config : HostConfig
            For the route prefix.
        host : str
            The host id, as in the names of its queue and receipts.
        keys : Keys
            Who may see what.
        run : callable
            Runs a function with an input, for ``POST /admin/functions/NAME``.
        webhook : handler, optional
            Answers the blobs extension's web-hook; the extension is there only where a function needs it.
        """
        self._functions = {function.name.lower(): function for function in functions}
        self._config = config
        self._host = host
        self._keys = keys
        self._run = run
        self._webhook = webhook

    def routes(self) -> Iterator[tuple[Route, Page]]:
        """Yield the pages in the order in which they are tried: literals before parameters, as MVC has it."""
        yield from (
            (Route(template, [method]), self._page(_not_done))
            for method, template in _NOT_DONE
            if not template.startswith("admin/functions/{name}")
        )
        yield Route("admin/host/status", ["GET"]), self._page(self._status)
        yield Route("admin/host/ping", ["GET", "POST"]), self._page(_ping, Level.ANONYMOUS)
        yield Route("admin/instance/http-health", ["GET"]), self._page(_healthy, Level.ANONYMOUS)
        yield Route("admin/functions", ["GET"]), self._page(self._list)
        yield Route("admin/functions/{name}", ["GET"]), self._page(self._describe)
        yield Route("admin/functions/{name}", ["POST"]), self._page(self._invoke)
        yield Route("admin/functions/{name}/status", ["GET"]), self._page(self._function_status)
        yield from (
            (Route(template, [method]), self._page(_not_done))
            for method, template in _NOT_DONE
            if template.startswith("admin/functions/{name}")
        )
        methods = ["GET", "PUT", "POST", "DELETE", "OPTIONS"]
        hook = Page(self._extension, self._keys, Level.SYSTEM, extension=True)
        yield Route("runtime/webhooks/{name}/{*extra}", methods), hook

    def home(self) -> Answer:
        """Return what ``/`` answers where no function has it."""
        if os.environ.get(HOME_OFF, "").lower() == "true":
            return 204, [], b""
        headers: Headers = [(b"content-type", b"text/html")]
        page = "<p>Your Functions app is up and running under devhost (development only).</p>\n"
        return 200, headers, page.encode()

    def _page(self, handler: Handler, wanted: Level = Level.ADMIN) -> Page:
        return Page(handler, self._keys, wanted)

    async def _status(self, _request: Request) -> Response:
        status = {"id": self._host, "state": "Running", "version": f"devhost {PINNED}", "errors": []}
        return _json(status)

    async def _list(self, request: Request) -> Response:
        base = str(request.base_url).rstrip("/")
        return _json([self._entry(function, base) for function in self._functions.values()])

    async def _describe(self, request: Request) -> Response:
        function = self._find(request)
        if function is None:
            return Response(status_code=404)
        return _json(self._entry(function, str(request.base_url).rstrip("/")))

    async def _function_status(self, request: Request) -> Response:
        return Response(status_code=404) if self._find(request) is None else _json({"errors": None})

    async def _invoke(self, request: Request) -> Response:
        """Start a function with the input of the body; how it ends is told in the log alone."""
        media = request.headers.get("content-type", "").split(";")[0].strip().lower()
        raw = await request.body()
        if raw and not (media in ("application/json", "text/json") or media.endswith("+json")):
            return Response(status_code=415)
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return Response(status_code=400)
        function = self._find(request)
        if function is None:
            return Response(status_code=404)
        given = {name.lower(): value for name, value in body.items()}.get("input")
        text = given if isinstance(given, str) else "" if given is None else json.dumps(given)
        task = asyncio.create_task(asyncio.to_thread(self._run, function, text))
        _running.add(task)
        task.add_done_callback(_running.discard)
        return Response(status_code=202)

    async def _extension(self, request: Request) -> Response:
        if request.path_params["name"].lower() != "blobs" or self._webhook is None:
            return Response(status_code=404)
        return await self._webhook(request)

    def _find(self, request: Request) -> Function | None:
        return self._functions.get(request.path_params["name"].lower())

    def _entry(self, function: Function, base: str) -> dict[str, object]:
        http = function.trigger["type"] == "httpTrigger"
        bindings = list(function.bindings)
        return {
            "name": function.name,
            "language": "python",
            "invoke_url_template": f"{base}{route_of(function, self._config)}" if http else None,
            "config": {"name": function.name, "language": "python", "bindings": bindings},
        }


_running: set[asyncio.Task[None]] = set()
"""Functions started by ``POST /admin/functions/NAME``: a task nobody holds may be collected."""


async def _not_done(request: Request) -> Response:
    return Response(f"devhost has no {request.url.path}\n", 501, media_type="text/plain")


async def _ping(_request: Request) -> Response:
    return Response(headers=_NO_STORE)


async def _healthy(_request: Request) -> Response:
    return Response()


def _json(content: object) -> Response:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(text, media_type="application/json; charset=utf-8")


def route_of(function: Function, config: HostConfig) -> str:
    """Path template of an HTTP function, prefix included."""
    route = str(function.trigger.get("route") or function.name).strip("/")
    return "/" + "/".join(part for part in (config.route_prefix, route) if part)
