"""Write docs/api.md: endpoints, parameters, fields and problems, from the app's own OpenAPI document."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    type Operation = tuple[str, str, dict[str, Any]]

HEAD = """# The HTTP API

Made from the code by `python -m ops reference`; a test fails when it is out of date. Do not edit.

`GET /api/openapi.json` is the same as an OpenAPI 3.1 document. Bodies are JSON in UTF-8; plain, gzip or
deflate. Unknown fields are ignored; of a repeated field the last counts. Function keys travel in the header
`x-functions-key` or the query parameter `code`. Errors are [problem details](#problem) (RFC 9457) with a
stable `code`; every fault of a request is listed at once, and each [problem](#problems) stands once below.
"""

SENDING = """
## A body needs its length

Azure's host withholds a body that is sent in chunks (`Transfer-Encoding: chunked`). The app then answers 411
`length_required`.

"""

SENDERS = (
    (
        ".NET",
        "`client.PostAsJsonAsync(url, drive)`",
        (
            "`var content = JsonContent.Create(drive); await content.LoadIntoBufferAsync(); "
            "await client.PostAsync(url, content)`, or a `StringContent`"
        ),
    ),
    (
        "Node",
        "a stream as the body of `fetch`; `http.request` and `write`",
        (
            '`fetch(url, { method: "POST", body: JSON.stringify(drive) })`; '
            "`http.request` with a `content-length`"
        ),
    ),
    ("curl", "`-T -`", "`--data-binary @file`, also `--data-binary @-`"),
    ("Python", "a generator or a pipe as the body", "`json=` or bytes, in requests and httpx alike"),
    ("Java", "`BodyPublishers.ofInputStream`", "`BodyPublishers.ofString`, `ofByteArray`, `ofFile`"),
)
"""Client, what it sends in chunks, and what it sends with a Content-Length."""

HOSTS_MATTERS = """
## HEAD

Every endpoint that takes GET takes HEAD: the answer is that of GET without the body.

## Pages of other origins (CORS)

Off by default: a browser keeps what the app answers from the scripts of other sites. It is the host's
matter, not the app's; which setting it reads depends on where it runs. Name origins: scheme, host and port,
no path.

"""

CORS_SETTINGS = (
    (
        "Azure",
        "`corsOrigins` in `infra/*.bicepparam`: `['https://dashboard.example.com']`",
    ),
    (
        "A container, Kubernetes, `make start`",
        (
            "`FUNCTIONS_ENABLE_CORS_CONFIGURATION`: `1`, and `CORS_ALLOWED_ORIGINS`, a JSON array: "
            '`["https://dashboard.example.com"]`; `CORS_SUPPORT_CREDENTIALS`: `true` for cookies'
        ),
    ),
    ("Core Tools", "`CORS` of `Host` in `local.settings.json`: `https://dashboard.example.com`"),
)
"""Where the app runs, and the setting that lets pages of other origins read its answers."""

KEYS_IN_PAGES = """
A page that holds a function key shows it to everybody who opens the page; for people put Entra ID in front.
"""

HOST_ANSWERS = (
    ("400", "The request is not HTTP, such as chunks whose lengths are wrong.", "the same"),
    ("401", "The function key is missing or wrong.", "`DEVHOST_FUNCTION_KEY=KEY make start` asks for KEY"),
    (
        "404",
        "The path does not begin with `/api`.",
        "the same",
    ),
    ("413", "The body has more than 100 MB (`FUNCTIONS_REQUEST_BODY_SIZE_LIMIT`).", "the same"),
    ("429", "More than 200 requests are in progress on an instance (host.json).", "the same"),
    ("502, 503", "No instance is running yet, or one was stopped.", "the connection is refused"),
)
"""Status, when, and what `make start` does there."""

HOST_INTRODUCTION = """Some requests never reach the app. Azure's host answers them without a problem
document, mostly without a body. The app itself answers paths and methods that no endpoint takes.

"""


RAW_VALUE, RAW_VALUES = re.compile(r"smart_\d+_raw"), "`smart_<id>_raw`"
"""Fields of raw values, and the row that stands for all of them: reference.md lists the attributes."""

ANY_PATH = {"not_found": "any other path", "method_not_allowed": "all"}
"""Problems of the function that takes any path that no endpoint has."""


def page() -> str:
    """Return the whole page, Markdown."""
    import function_app  # noqa: F401  registers the endpoints
    from functions.http.endpoints import list_endpoints
    from functions.http.errors import TooManyRequestsError
    from functions.http.openapi_document import document

    api = document(list_endpoints())
    operations = [
        (method.upper(), path, operation)
        for path, methods in api["paths"].items()
        for method, operation in methods.items()
    ]
    parts = [HEAD, "\n## Endpoints\n\n", _overview(operations, _for_browsers())]
    parts += ["\nIn a path:\n\n", _path_parameters(operations)]
    shared = _codes_of_all(operations) | _codes_of_all(_with_body(operations)) | {TooManyRequestsError.code}
    parts += [_endpoint(*operation, shared) for operation in operations]
    parts += [SENDING, _table(("Client", "Sent in chunks", "Sent with its length"), SENDERS), HOSTS_MATTERS]
    parts += [_table(("Where", "Setting"), CORS_SETTINGS), KEYS_IN_PAGES]
    parts += ["\n## Types\n", *(_type(name, schema) for name, schema in api["components"]["schemas"].items())]
    parts += ["\n## Problems\n\n", _problems(operations)]
    parts += ["\n## Answers of the host\n\n", HOST_INTRODUCTION]
    parts += [_table(("Status", "When", "With `make start`"), HOST_ANSWERS)]
    parts += ["\n## Headers of every answer\n\n", _headers(api["components"]["headers"])]
    parts += ["\n## Limits\n\n", _limits()]
    return "".join(parts)


def _table(names: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [names, ("---",) * len(names), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _overview(operations: list[Operation], more: list[tuple[str, ...]]) -> str:
    rows = [
        (
            operation["tags"][0],
            f"`{method} /api{path}`",
            operation["summary"],
            ", ".join(_answers(operation)),
            "anonymous" if operation.get("security") == [] else "function key",
        )
        for method, path, operation in operations
    ]
    return _table(("Group", "Endpoint", "Purpose", "Answer", "Access"), [*rows, *more])


def _answers(operation: dict[str, Any]) -> Iterator[str]:
    """Return what an endpoint answers with 200: the type, or the media type of what has none."""
    for kind, content in operation["responses"]["200"]["content"].items():
        yield _kind(content["schema"]) if "$ref" in content["schema"] else f"`{kind}`"


def _for_browsers() -> list[tuple[str, ...]]:
    """Return the rows of the endpoints that are not in the OpenAPI document."""
    from functions.blueprints.pages import AT_THE_PREFIX
    from functions.http.endpoints import ENDPOINTS

    return [
        (
            entry.tag,
            f"`{entry.method} /api/{entry.route.removeprefix(AT_THE_PREFIX)}`",
            entry.summary,
            "a file",
            "anonymous" if entry.anonymous else "function key",
        )
        for entry in ENDPOINTS.values()
        if not entry.in_document
    ]


def _path_parameters(operations: list[Operation]) -> str:
    """Return the parameters of all paths, each once."""
    known = {
        (f"`{{{p['name']}}}`", _kind(p["schema"]), _about(p)): None
        for *_, operation in operations
        for p in operation.get("parameters", [])
        if p["in"] == "path"
    }
    return _table(("Parameter", "Value", "Meaning"), known)


def _endpoint(method: str, path: str, operation: dict[str, Any], shared: set[str]) -> str:
    """Return the section of an endpoint; nothing where the overview says all there is."""
    parameters = [p for p in operation.get("parameters", []) if p["in"] == "query"]
    if not (parameters or "description" in operation or "requestBody" in operation):
        return ""
    lines = [
        f"\n### {method} /api{path}\n\n{operation['summary']}. {operation.get('description', '')}".rstrip(),
        "\n",
    ]
    if parameters:
        rows = [(f"`?{p['name']}`", _kind(p["schema"]), _about(p)) for p in parameters]
        lines += ["\n", _table(("Parameter", "Value", "Meaning"), rows)]
    if "requestBody" in operation:
        content = operation["requestBody"]["content"].items()
        lines.append(f"\nBody: {', or '.join(f'`{kind}`: {_kind(c["schema"])}' for kind, c in content)}.\n")
    own = [f"`{code}` ({status})" for status, code in _codes(operation) if code not in shared]
    if own:
        lines.append(f"\nProblems of its own: {', '.join(own)}.\n")
    return "".join(lines)


def _with_body(operations: list[Operation]) -> list[Operation]:
    return [operation for operation in operations if "requestBody" in operation[2]]


def _codes_of_all(operations: list[Operation]) -> set[str]:
    """Return the codes that each of these endpoints answers with."""
    return set.intersection(*({code for _, code in _codes(about)} for *_, about in operations))


def _codes(operation: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for status, answer in operation["responses"].items():
        for content in answer.get("content", {}).values():
            for part in content["schema"].get("allOf", [])[1:]:
                for code in part["properties"]["code"]["enum"]:
                    yield status, code


def _about(described: dict[str, Any]) -> str:
    schema = described.get("schema", {})
    return str(described.get("description") or schema.get("description", ""))


def _type(name: str, schema: dict[str, Any]) -> str:
    required = schema.get("required", [])
    attributes = [name for name in schema["properties"] if RAW_VALUE.fullmatch(name)]
    rows = [
        (
            f"`{field}`" if field not in attributes else RAW_VALUES,
            _kind(about),
            "yes" if field in required else "no",
            str(about.get("description", "")).replace("``", "`")
            if field not in attributes
            else f"Raw value of SMART {', '.join(name.split('_')[1] for name in attributes)}.",
        )
        for field, about in schema["properties"].items()
        if field not in attributes[1:]
    ]
    table = _table(("Field", "Value", "Always there", "Meaning"), rows)
    return f"\n### {name}\n\n{schema.get('description', '')}\n\n{table}"


def _kind(schema: dict[str, Any]) -> str:
    """Return what a schema takes, in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_kind(part) for part in schema["anyOf"])
    if "enum" in schema:
        default = schema.get("default")
        return ", ".join(
            f"`{value}`" + (" (default)" if value == default else "") for value in schema["enum"]
        )
    if "const" in schema:
        return f"`{schema['const']}`"
    kind = schema.get("type", "anything")
    if kind == "array":
        most = f", at most {schema['maxItems']}" if "maxItems" in schema else ""
        return f"list of {_kind(schema['items'])}{most}" if schema.get("items") else "list"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_kind(schema['additionalProperties'])}"
    if kind == "number" and schema.get("multipleOf") == 1:
        kind = "whole number"
    return f"{kind if isinstance(kind, str) else ' or '.join(kind)}{_range(schema)}"


def _range(schema: dict[str, Any]) -> str:
    low, high, below = (schema.get(name) for name in ("minimum", "maximum", "exclusiveMaximum"))
    if low is None:
        longest = schema.get("maxLength")
        return f", at most {longest} characters" if longest else ""
    return f" from {low}" + (
        f" to {high}" if high is not None else f" below {below}" if below is not None else ""
    )


def _problems(operations: list[Operation]) -> str:
    import functions.http.errors  # noqa: F401  registers its classes
    from functions.errors import DrivecastError

    used = {code for _, _, operation in operations for _, code in _codes(operation)}
    used |= ANY_PATH.keys()
    rows: dict[str, tuple[str, ...]] = {}

    def collect(kind: type[DrivecastError]) -> None:
        if kind.code in used:
            meaning = inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0]
            if kind is DrivecastError:
                meaning = "Something that was not foreseen; it is logged under the request's id."
            where = ANY_PATH.get(kind.code) or _answered_by(kind.code, operations)
            rows.setdefault(
                kind.code, (f"`{kind.code}`", str(kind.status), kind.title, " ".join(meaning.split()), where)
            )
        for child in kind.__subclasses__():
            collect(child)

    collect(DrivecastError)
    return _table(("Code", "Status", "Title", "When", "Endpoints"), [rows[code] for code in sorted(rows)])


def _answered_by(code: str, operations: list[Operation]) -> str:
    """Return which endpoints answer with a code, in the fewest words."""

    def paths(chosen: Iterable[Operation]) -> str:
        return ", ".join(f"`{path.removeprefix('/')}`" for _, path, _ in chosen)

    there = [each for each in operations if code in {found for _, found in _codes(each[2])}]
    absent = [each for each in operations if each not in there]
    if not absent:
        return "all"
    if there == _with_body(operations):
        return "all with a body"
    return paths(there) if len(there) <= len(absent) else f"all but {paths(absent)}"


def _headers(headers: dict[str, Any]) -> str:
    meanings = {name: about["description"] for name, about in headers.items()}
    meanings["Retry-After"] = "Seconds to wait; with 429 and 503."
    meanings["Allow"] = "The methods of the endpoint; with 405."
    return _table(("Header", "Meaning"), ((f"`{name}`", text) for name, text in meanings.items()))


def _limits() -> str:
    from functions import settings

    limits = (
        settings.MAX_BODY_BYTES,
        settings.MAX_BATCH_BODY_BYTES,
        settings.MAX_DRIVES,
        settings.MAX_JSON_DEPTH,
        settings.MAX_REQUESTS_IN_PROGRESS,
        settings.MAX_BYTES_IN_PROGRESS,
    )
    return _table(
        ("Setting", "Default", "Meaning"), ((f"`{s.name}`", f"`{s.default}`", s.meaning) for s in limits)
    )
