"""The table of endpoints: declared where the handlers are, read by the OpenAPI document and the docs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import azure.functions as func

from functions.errors import (
    BodyTooLargeError,
    BrokenJsonError,
    DrivecastError,
    EmptyBodyError,
    InvalidTelemetryError,
    ModelError,
    SettingError,
)
from functions.http.errors import (
    BadQueryError,
    BrokenEncodingError,
    LengthRequiredError,
    TooDeepError,
    TooManyRequestsError,
    UnsupportedEncodingError,
    UnsupportedMediaTypeError,
)
from functions.http.responses import JSON, answering
from functions.storage.errors import ModelStoreError, StorageSettingError

if TYPE_CHECKING:
    from collections.abc import Callable

    from functions.http.query_params import Parameter
    from functions.http.request import Request

type Kinds = tuple[type[DrivecastError], ...]

EVERYWHERE: Kinds = (
    ModelError,
    ModelStoreError,
    SettingError,
    StorageSettingError,
    DrivecastError,
)
WITH_BODY: Kinds = (
    EmptyBodyError,
    BrokenJsonError,
    TooDeepError,
    BrokenEncodingError,
    LengthRequiredError,
    BodyTooLargeError,
    UnsupportedMediaTypeError,
    UnsupportedEncodingError,
)
ABOUT_A_DRIVE: Kinds = (*WITH_BODY, BadQueryError, InvalidTelemetryError)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint.

    Attributes
    ----------
    name : str
        Of the function.
    method, route : str
        As in the binding, without the prefix; one that takes GET takes HEAD, see `methods`.
    tag : str
        Group of endpoints, see `TAGS`.
    body : dict of str to type, dict or tuple
        By media type: a type, a JSON Schema of its own, or a tuple of these, any of which will do.
    answer : type, dict or None
        Of status 200; None for nothing worth a schema.
    anonymous : bool
        Whether it needs no function key.
    dialect : dict of str to str
        Further members of its problem documents, and the member each repeats.
    limited : bool
        Whether it counts among MAX_REQUESTS_IN_PROGRESS; probes do not and are answered at full load.
    in_document : bool
        Whether the OpenAPI document lists it; pages and their files are for browsers.
    """

    name: str
    method: str
    route: str
    summary: str
    description: str
    tag: str
    body: dict[str, Any] = field(default_factory=dict)
    answer: Any = None
    answer_type: str = JSON
    query: tuple[Parameter, ...] = ()
    errors: Kinds = ()
    anonymous: bool = False
    dialect: dict[str, str] = field(default_factory=dict)
    limited: bool = True
    in_document: bool = True

    @property
    def methods(self) -> tuple[str, ...]:
        """Every method of the binding: the host answers HEAD without the body, and newer ones add it."""
        return ("GET", "HEAD") if self.method == "GET" else (self.method,)

    @property
    def problems(self) -> Kinds:
        """Every error it answers with."""
        refusal = (TooManyRequestsError,) if self.limited else ()
        return (*self.errors, *refusal, *EVERYWHERE)

    @property
    def path_parameters(self) -> list[str]:
        """Names in the route."""
        return [part[1:-1] for part in self.route.split("/") if part.startswith("{")]


TAGS = {
    "functions.blueprints.predict": "Forecasts",
    "functions.blueprints.operations": "Operations",
    "functions.blueprints.openapi": "Operations",
    "functions.blueprints.mlflow": "MLflow scoring protocol",
    "functions.blueprints.open_inference": "Open Inference Protocol V2",
    "functions.blueprints.pages": "Pages",
}
"""Groups of endpoints by the blueprint's module, in the order of the documentation."""

ENDPOINTS: dict[str, Endpoint] = {}
"""Every endpoint by name, in the order of registration; see `list_endpoints`."""


def list_endpoints() -> list[Endpoint]:
    """Return every endpoint of the document, in its order."""
    order = list(dict.fromkeys(TAGS.values()))
    shown = [entry for entry in ENDPOINTS.values() if entry.in_document]
    return sorted(shown, key=lambda entry: order.index(entry.tag))


def endpoint(
    blueprint: func.Blueprint, method: str, route: str, **declared: Any
) -> Callable[[Callable[[Request], func.HttpResponse]], Callable[[func.HttpRequest], func.HttpResponse]]:
    """Declare a handler an endpoint: bind it, make it answer problems, and enter it in the table.

    *declared* are further attributes of `Endpoint`; summary and description are the handler's docstring.
    """

    def declare(
        handler: Callable[[Request], func.HttpResponse],
    ) -> Callable[[func.HttpRequest], func.HttpResponse]:
        summary, _, description = (handler.__doc__ or "").partition("\n\n")
        declared.setdefault("name", handler.__name__)
        entry = Endpoint(
            method=method,
            route=route,
            summary=summary.strip().rstrip("."),
            description=" ".join(description.split()),
            tag=TAGS[handler.__module__],
            **declared,
        )
        ENDPOINTS[entry.name] = entry
        answered = answering(handler, entry.dialect, limited=entry.limited)
        level = func.AuthLevel.ANONYMOUS if entry.anonymous else None
        bound = blueprint.route(route=route, methods=map(func.HttpMethod, entry.methods), auth_level=level)
        blueprint.function_name(entry.name)(bound(answered))
        return answered

    return declare
