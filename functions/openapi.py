"""Blueprint of the OpenAPI document."""

from __future__ import annotations

from functools import cache

import azure.functions as func
import msgspec

from functions.answers import JSON
from functions.http.endpoints import endpoint, listed
from functions.http.exchange import Exchange

blueprint = func.Blueprint()  # type: ignore[no-untyped-call]


@cache
def _content() -> bytes:
    # Imported here: it is asked for once in a while, and predictions do without it.
    from functions.http.openapi_document import document

    return msgspec.json.encode(document(listed()))


@endpoint(blueprint, "GET", "openapi.json", name="openapi", answer={"type": "object"})
def openapi(exchange: Exchange) -> func.HttpResponse:  # noqa: ARG001
    """Return this document, OpenAPI 3.1."""
    return func.HttpResponse(_content(), mimetype=JSON)
