"""Blueprint of the OpenAPI document."""

from __future__ import annotations

from functools import lru_cache

import azure.functions as func
import msgspec

from functions.errors import ModelError
from functions.http.endpoints import endpoint, list_endpoints
from functions.http.request import Request
from functions.http.responses import JSON
from functions.serving.models import scorer, scorer_of

blueprint = func.Blueprint()  # type: ignore[no-untyped-call]


@lru_cache(maxsize=1)
def _content(version: str | None) -> bytes:
    """Return the document with the examples of a version, which is the one that answers."""
    # Imported here: it is asked for once in a while, and predictions do without it.
    from functions.http.openapi_document import document

    return msgspec.json.encode(
        document(list_endpoints(), scorer_of(version).model.manifest if version else None)
    )


def _version() -> str | None:
    """Return the version that answers; None when none does, which the document need not wait for."""
    try:
        return scorer().model.version
    except ModelError:
        return None


@endpoint(blueprint, "GET", "openapi.json", name="openapi", answer={"type": "object"})
def openapi(request: Request) -> func.HttpResponse:  # noqa: ARG001
    """Return this document, OpenAPI 3.1."""
    return func.HttpResponse(_content(_version()), mimetype=JSON)
