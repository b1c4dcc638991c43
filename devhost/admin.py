"""The host's own pages, as in the Functions host: home, ``/admin/host/status``, ``/admin/functions``."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from devhost.host_config import HostConfig
from devhost.runtime import PINNED, Function


def admin_routes(functions: Sequence[Function], config: HostConfig, host: str) -> list[Route]:
    """Build the routes.

    Parameters
    ----------
    functions : sequence of Function
        What the app has.
    config : HostConfig
        For the route prefix.
    host : str
        The host id, as in the names of its queue and receipts.
    """

    async def home(_request: Request) -> Response:
        return PlainTextResponse("Your Functions app is running under devhost (development only).\n")

    async def status(_request: Request) -> Response:
        return JSONResponse({"id": host, "state": "Running", "version": f"devhost {PINNED}", "errors": []})

    async def listing(request: Request) -> Response:
        base = str(request.base_url).rstrip("/")
        return JSONResponse([_describe(function, config, base) for function in functions])

    return [
        Route("/", home, methods=["GET"]),
        Route("/admin/host/status", status, methods=["GET"]),
        Route("/admin/functions", listing, methods=["GET"]),
    ]


def _describe(function: Function, config: HostConfig, base: str) -> dict[str, object]:
    trigger = function.trigger
    url = f"{base}{route_of(function, config)}" if trigger["type"] == "httpTrigger" else None
    return {
        "name": function.name,
        "language": "python",
        "invoke_url_template": url,
        "config": {"name": function.name, "language": "python", "bindings": list(function.bindings)},
    }


def route_of(function: Function, config: HostConfig) -> str:
    """Path template of an HTTP function, prefix included."""
    route = str(function.trigger.get("route") or function.name).strip("/")
    return "/" + "/".join(part for part in (config.route_prefix, route) if part)
