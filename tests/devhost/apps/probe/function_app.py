"""An app that says what reached it, to show how a host treats requests, blobs and messages.

Microsoft's host was asked with this app; its answers are in tests/devhost/recordings. What messages and blobs
start is in event_functions.py.
"""

import hashlib
import json
from collections.abc import Callable

import azure.functions as func
import event_functions  # type: ignore[import-not-found]  # beside this file: the app's folder is on the path

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
app.register_functions(event_functions.blueprint)

SAID = {
    "content-type",
    "content-encoding",
    "content-length",
    "transfer-encoding",
    "x-probe",
    "cookie",
    "x-forwarded-for",
}
"""Headers that are told; others differ from client to client."""


def seen(name: str, req: func.HttpRequest) -> func.HttpResponse:
    """Answer with what the function was given."""
    body = req.get_body()
    output = {
        "function": name,
        "method": req.method,
        "path": req.url.split("/", 3)[-1],
        "query": dict(req.params),
        "route": dict(req.route_params),
        "headers": {key.lower(): value for key, value in sorted(req.headers.items()) if key.lower() in SAID},
        "bytes": len(body),
        "sha256": hashlib.sha256(body).hexdigest()[:12],
    }
    return func.HttpResponse(json.dumps(output), mimetype="application/json")


def http(
    name: str,
    route: str | None,
    methods: list[str] | None = None,
    level: func.AuthLevel = func.AuthLevel.ANONYMOUS,
) -> None:
    """Declare a function that answers with what it was given."""

    def handler(req: func.HttpRequest) -> func.HttpResponse:
        return seen(name, req)

    handler.__name__ = handler.__qualname__ = name
    app.function_name(name)(app.route(route=route, methods=methods, auth_level=level)(handler))


# The order is that of the names, without regard to case; the first that matches wins.
http("order_a_literal", "order/literal", ["GET"])
http("order_b_parameter", "order/{name}", ["GET"])
http("order_c_after", "order/after", ["GET"])
http("Order_aa_upper", "order/upper", ["GET"])
http("order_d_post", "order/{name}", ["POST"])
http("zz_rest", "rest/{*path}")
http("methods_get", "methods/one", ["GET"])
http("methods_post", "methods/one", ["POST"])
http("methods_any", "methods/any")
http("methods_two", "methods/two", ["GET", "PUT"])
http("typed_alpha", "typed/{x:alpha}", ["GET"])
http("typed_int", "typed/{x:int}", ["GET"])
http("typed_guid", "typed/{x:guid}", ["GET"])
http("optional", "optional/{x?}", ["GET"])
http("default_value", "default/{x=abc}", ["GET"])
http("length", "length/{x:maxlength(3)}", ["GET"])
http("prefix_itself", "{ignored:maxlength(0)?}", ["GET"])
http("range", "range/{x:range(1,10)}", ["GET"])
http("regex", "regex/{x:regex(^[a-z]+$)}", ["GET"])
http("mixed", "mixed/v{major}.{minor}", ["GET"])
http("two", "two/{a}/{b}", ["GET"])
http("own_name", None)
http("level_function", "level/function", ["GET"], func.AuthLevel.FUNCTION)
http("level_admin", "level/admin", ["GET"], func.AuthLevel.ADMIN)
http("echo", "echo")

HEADERS = {
    "X-Probe": "1",
    "Cache-Control": "no-store",
    "ETag": '"abc"',
    "Content-Language": "en",
    "Retry-After": "3",
}
ANSWERS: dict[str, Callable[[], func.HttpResponse | str | None]] = {
    "empty": func.HttpResponse,
    "bytes": lambda: func.HttpResponse(b"\x00\xff"),
    "text": lambda: func.HttpResponse("é"),
    "latin": lambda: func.HttpResponse("é", mimetype="text/plain", charset="latin-1"),
    "json": lambda: func.HttpResponse('{"a":1}', mimetype="application/json"),
    "problem": lambda: func.HttpResponse('{"a":1}', status_code=422, mimetype="application/problem+json"),
    "headers": lambda: func.HttpResponse("x", headers=HEADERS),
    "cookie": lambda: func.HttpResponse("x", headers={"Set-Cookie": "a=1; Path=/; HttpOnly; SameSite=Lax"}),
    "long": lambda: func.HttpResponse("x" * 200_000),
    "string": lambda: "a string",
    "nothing": lambda: None,
    "header-unicode": lambda: func.HttpResponse("x", headers={"X-Probe": "é"}),
    "unknown": lambda: func.HttpResponse("unknown", status_code=404),
}


# Without a return annotation: the worker refuses an app that says "object" or a union here.
@app.function_name("answer")
@app.route(route="answer/{kind}", methods=["GET"])
def answer(req: func.HttpRequest):  # type: ignore[no-untyped-def]  # noqa: ANN201
    """Answer in many ways."""
    kind = req.route_params["kind"]
    if kind.isdigit():
        return func.HttpResponse("body", status_code=int(kind))
    if kind == "raises":
        raise ValueError("on purpose")
    return ANSWERS.get(kind, ANSWERS["unknown"])()


@app.function_name("answer_async")
@app.route(route="async", methods=["GET"])
async def answer_async(req: func.HttpRequest) -> func.HttpResponse:
    """Answer from a coroutine."""
    return seen("answer_async", req)
