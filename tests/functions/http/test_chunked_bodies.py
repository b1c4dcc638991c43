"""Bodies that were sent in chunks, as Microsoft's host hands such requests over: the header, and no body.

Recorded on host 4.1037; `request.ContentLength > 0` guards the body there (azure-functions-host issues 4926
and 7930). The requests below go to the app through Microsoft's runtime library.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.drives import WORN, record
from tests.test_function_app import run

pytestmark = pytest.mark.slow

ASK = """
import json, sys
from pathlib import Path
from devhost.runtime import HttpInput, Runtime
runtime = Runtime(Path.cwd())
by_name = {function.name: function for function in runtime.functions}
answers = []
for name, headers, body in json.loads(sys.argv[1]):
    parts = {"name": "drivecast", "version": sys.argv[2]}
    request = HttpInput("POST", "http://localhost/api/", headers, {}, parts, bytes.fromhex(body))
    outcome = runtime.invoke(by_name[name], "1", {"req": request}, {})
    answer = outcome.value.value
    answers.append([answer["status_code"].value, json.loads(answer["body"].value)])
print(json.dumps(answers))
"""

TAKING_BODIES = ["predict", "predict_batch", "explain", "invocations", "oip_infer", "oip_infer_version"]
DIALECTS = {
    "invocations": ("error_code", "message"),
    "oip_infer": ("error",),
    "oip_infer_version": ("error",),
}
CHUNKED = {"transfer-encoding": "chunked", "content-type": "application/json"}
GZIP = {"content-encoding": "gzip"}
DRIVE = json.dumps(record(**WORN)).encode()


@pytest.fixture(scope="module")
def answers(small_models: Path) -> dict[tuple[str, str], tuple[int, dict[str, Any]]]:
    """The answers by function and kind of request."""
    version = json.loads((small_models / "registry.json").read_text())["aliases"]["champion"]
    kinds: list[tuple[str, str, dict[str, str], bytes]] = []
    for name in TAKING_BODIES:
        kinds += [
            (name, "plain", CHUNKED, b""),
            (name, "gzip", CHUNKED | GZIP, b""),
            (name, "not chunked", {"content-type": "application/json"}, b""),
        ]
    kinds += [
        ("predict", "arrived", CHUNKED, DRIVE),
        ("predict", "arrived in gzip", CHUNKED | GZIP, gzip.compress(DRIVE)),
        ("invocations", "csv", CHUNKED | {"content-type": "text/csv"}, b""),
        ("oip_infer", "binary", CHUNKED | {"inference-header-content-length": "40"}, b""),
    ]
    asked = [[name, headers, body.hex()] for name, _, headers, body in kinds]
    found = run(ASK, json.dumps(asked), version, MODELS_FOLDER=str(small_models))
    return {
        (name, kind): (int(status), document)
        for (name, kind, _, _), (status, document) in zip(kinds, found, strict=True)
    }


@pytest.mark.parametrize("name", TAKING_BODIES)
@pytest.mark.parametrize("kind", ["plain", "gzip"])
def test_every_endpoint_that_takes_a_body(answers: Any, name: str, kind: str) -> None:
    status, document = answers[name, kind]
    assert (status, document["code"]) == (411, "length_required")
    assert "did not arrive" in document["detail"]
    assert "Content-Length" in document["detail"]
    for member in DIALECTS.get(name, ()):
        assert document[member] in (document["detail"], document["code"])


@pytest.mark.parametrize(("name", "kind"), [("invocations", "csv"), ("oip_infer", "binary")])
def test_other_kinds_of_bodies(answers: Any, name: str, kind: str) -> None:
    status, document = answers[name, kind]
    assert (status, document["code"]) == (411, "length_required")


@pytest.mark.parametrize("kind", ["arrived", "arrived in gzip"])
def test_a_body_that_arrived_is_answered(answers: Any, kind: str) -> None:
    status, document = answers["predict", kind]
    assert (status, document["risk"]) == (200, "critical")


@pytest.mark.parametrize("name", TAKING_BODIES)
def test_no_body_at_all_is_still_an_empty_body(answers: Any, name: str) -> None:
    status, document = answers[name, "not chunked"]
    assert (status, document["code"]) == (400, "empty_body")


def test_these_are_all_that_take_bodies() -> None:
    import function_app  # noqa: F401 - registers the endpoints
    from functions.http.endpoints import ENDPOINTS

    assert sorted(TAKING_BODIES) == sorted(name for name, entry in ENDPOINTS.items() if entry.body)
