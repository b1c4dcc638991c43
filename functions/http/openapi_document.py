"""The OpenAPI 3.1 document, made from the table of endpoints and the types that validate."""

from __future__ import annotations

import inspect
from http import HTTPStatus
from itertools import chain
from typing import TYPE_CHECKING, Any, get_args

import msgspec

from functions.http.problem import Problem
from functions.http.timing import STAGES
from functions.scoring.model.onnx_model import INPUT
from functions.scoring.smart import ATTRIBUTES
from functions.scoring.telemetry import largest_raw
from functions.settings import settings
from functions.version import RELEASE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from functions.errors import DrivecastError
    from functions.http.endpoints import Endpoint
    from functions.scoring.model.manifest import Manifest

PREFIX = "/api"
"""The route prefix, as in host.json."""

PROBLEM_JSON = "application/problem+json"
REF = "#/components/schemas/{name}"

EXAMPLE_DRIVE = {
    "date": "2014-01-25",
    "serial_number": "Z300AAAA",
    "model": "ST4000DM000",
    "smart_5_raw": 48,
    "smart_187_raw": 30,
    "smart_188_raw": 0,
    "smart_197_raw": 40,
    "smart_198_raw": 40,
    "history": [{"date": "2014-01-18", "smart_5_raw": 8, "smart_187_raw": 2, "smart_197_raw": 0}],
}
EXAMPLES: dict[str, Any] = {
    "DriveDay": EXAMPLE_DRIVE,
    "BatchRequest": {"drives": [EXAMPLE_DRIVE, {**EXAMPLE_DRIVE, "serial_number": "Z300BBBB"}]},
}
"""Examples of request types, for people and for try-it; `model_examples` has the rest."""

PATH_PARAMETERS: dict[str, dict[str, Any]] = {
    "name": {"type": "string", "enum": ["drivecast"], "description": "The model's name in the protocol."},
    "version": {
        "type": "string",
        "minLength": 1,
        "description": "The version that is served, see GET model.",
    },
}

HEADERS: dict[str, Any] = {
    "x-request-id": {"description": "That of the request, or a new one.", "schema": {"type": "string"}},
    "traceparent": {
        "description": "The request's trace (W3C Trace Context), or a new one.",
        "schema": {"type": "string"},
    },
    "Server-Timing": {
        "description": "Milliseconds of the stages " + ", ".join(STAGES) + ", and of all.",
        "schema": {"type": "string"},
    },
}
WAIT = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "string"}}}
ANSWERED = {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS}
TO_WAIT = {name: {"$ref": f"#/components/headers/{name}"} for name in WAIT}

DESCRIPTION = (
    "Forecasts which hard drives fail in the next 30 days, from their SMART telemetry. Errors are problem "
    "details (RFC 9457) with a stable code. A body needs a Content-Length: one that is sent in chunks "
    "(Transfer-Encoding: chunked) does not arrive, which is answered 411."
)


def model_examples(manifest: Manifest) -> dict[str, Any]:
    """Return the examples that depend on the model: a row of its features, and its version in a path."""
    row = manifest.golden[0].features if manifest.golden else [None] * len(manifest.features)
    tensor = {"name": INPUT, "shape": [1, len(row)], "datatype": "FP32", "data": [row]}
    return {"InferenceRequest": {"inputs": [tensor]}, "version": manifest.version}


def document(endpoints: Iterable[Endpoint], manifest: Manifest | None = None) -> dict[str, Any]:
    """Return the document; without the manifest of the model that answers, some examples are left out."""
    listed = list(endpoints)
    examples = EXAMPLES | (model_examples(manifest) if manifest is not None else {})
    types: list[type] = [Problem]
    for entry in listed:
        bodies = chain.from_iterable(map(_alternatives, entry.body.values()))
        types += [kind for kind in (*bodies, entry.answer) if isinstance(kind, type)]
    _, schemas = msgspec.json.schema_components(dict.fromkeys(types), ref_template=REF)
    for kind in _structs(types):
        _describe(schemas[kind.__name__], kind)
    _each_on_its_own(schemas)
    _describe_raw_values(schemas, manifest)
    paths: dict[str, dict[str, Any]] = {}
    for entry in listed:
        paths.setdefault(f"/{entry.route}", {})[entry.method.lower()] = _operation(entry, examples)
    keys = {"type": "apiKey", "description": "A function key."}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Drivecast",
            "version": RELEASE,
            "description": DESCRIPTION,
            "license": {"name": "MIT"},
        },
        "servers": [{"url": PREFIX}],
        "paths": paths,
        "components": {
            "headers": {**HEADERS, **WAIT},
            "schemas": schemas,
            "securitySchemes": {
                "header": {**keys, "in": "header", "name": "x-functions-key"},
                "query": {**keys, "in": "query", "name": "code"},
            },
        },
        "security": [{"header": []}, {"query": []}],
    }


def _structs(kinds: Iterable[type]) -> Iterator[type]:
    """Yield types and the structs within them."""
    seen: set[type] = set()
    waiting: list[Any] = list(kinds)
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind not in seen:
            seen.add(kind)
            yield kind
            waiting += [part for item in msgspec.structs.fields(kind) for part in _parts(item.type)]


def _parts(kind: Any) -> list[Any]:
    """Return a type, or the types it is made of."""
    inner = get_args(kind)
    return [part for argument in inner for part in _parts(argument)] if inner else [kind]


def _describe(schema: dict[str, Any], kind: type) -> None:
    """Take the first paragraph of a type's docstring, and what its section Attributes says of fields."""
    summary, *paragraphs = inspect.cleandoc(kind.__doc__ or "").split("\n\n")
    schema["description"] = " ".join(summary.split())
    names: list[str] = []
    for paragraph in paragraphs:
        _, _, attributes = paragraph.partition("Attributes\n----------\n")
        for line in attributes.splitlines():
            if not line.startswith(" "):
                names = [name for name in line.split(" : ")[0].split(", ") if name in schema["properties"]]
                continue
            for name in names:
                field = schema["properties"][name]
                field["description"] = f"{field.get('description', '')} {line.strip()}".strip()


def _each_on_its_own(schemas: dict[str, Any]) -> None:
    """Say of a batch what the type cannot: an item that is no drive is answered too, by a problem."""
    drives = schemas["BatchRequest"]["properties"]["drives"]
    drives["items"] = {"anyOf": [drives["items"], {"description": "Answered by a problem of its own."}]}
    drives["maxItems"] = settings().max_drives


def _describe_raw_values(schemas: dict[str, Any], manifest: Manifest | None) -> None:
    """Say of raw values what the types cannot: the largest, and which need not be right."""
    needed = set(ATTRIBUTES)
    if manifest is not None:
        needed = {feature.attribute for feature in manifest.features}
    for name in ("DriveDay", "EarlierDay"):
        fields = schemas[name]["properties"]
        for attribute in ATTRIBUTES.values():
            field = fields[attribute.column]
            if attribute.id in needed:
                field["anyOf"][0]["exclusiveMaximum"] = largest_raw(attribute.id) + 1
            else:
                text = f"{field['description']} Not needed by the model: any value will do."
                fields[attribute.column] = {"description": text}


def _operation(entry: Endpoint, examples: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": entry.name,
        "summary": entry.summary,
        "tags": [entry.tag],
    }
    if entry.description:
        operation["description"] = entry.description
    parameters: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": PATH_PARAMETERS[name],
            **({"example": examples[name]} if name in examples else {}),
        }
        for name in entry.path_parameters
    ]
    parameters += [
        {"name": p.name, "in": "query", "required": False, "description": p.meaning, "schema": p.schema()}
        for p in entry.query
    ]
    if parameters:
        operation["parameters"] = parameters
    if entry.body:
        content = {kind: _content(schema, examples) for kind, schema in entry.body.items()}
        operation["requestBody"] = {"required": True, "content": content}
    operation["responses"] = {"200": _answer(entry, examples), **_problems(entry)}
    if entry.anonymous:
        operation["security"] = []
    return operation


def _alternatives(body: Any) -> tuple[Any, ...]:
    """Return the types and schemas any of which a body may have."""
    return body if isinstance(body, tuple) else (body,)


def _content(schema: Any, examples: dict[str, Any]) -> dict[str, Any]:
    if isinstance(schema, tuple):
        each = [_content(kind, examples) for kind in schema]
        found = {"schema": {"anyOf": [content.pop("schema") for content in each]}}
        return found | {name: value for content in each for name, value in content.items()}
    if not isinstance(schema, type):
        return {"schema": schema}
    name = schema.__name__
    content: dict[str, Any] = {"schema": {"$ref": REF.format(name=name)}}
    if name in examples:
        content["examples"] = {"example": {"value": examples[name]}}
    return content


def _answer(entry: Endpoint, examples: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": HTTPStatus.OK.phrase, "headers": ANSWERED}
    if entry.answer is not None:
        answer["content"] = {entry.answer_type: _content(entry.answer, examples)}
    return answer


def _problems(entry: Endpoint) -> dict[str, Any]:
    by_status: dict[int, list[type[DrivecastError]]] = {}
    for kind in entry.problems:
        by_status.setdefault(kind.status, []).append(kind)
    answers: dict[str, Any] = {}
    for status, kinds in sorted(by_status.items()):
        schema = {
            "allOf": [
                {"$ref": REF.format(name="Problem")},
                {
                    "properties": {
                        "code": {"enum": [kind.code for kind in kinds]},
                        "status": {"const": status},
                    }
                },
            ]
        }
        answers[str(status)] = {
            "description": " ".join(f"{kind.code}: {kind.title}." for kind in kinds),
            "headers": {**ANSWERED, **(TO_WAIT if status in {429, 503} else {})},
            "content": {PROBLEM_JSON: {"schema": schema}},
        }
    if not entry.anonymous:
        answers["401"] = {
            "description": "The function key is missing or wrong. Answered by the host, without a body."
        }
    return answers
