"""The document against the code: nothing that the app answers is missing from it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.support.running_app import PROJECT

SCRIPT = """
import json
import function_app
from functions.http.endpoints import list_endpoints
from functions.http.openapi_document import document
from functions.http.body import JSON
problems = {}
for entry in list_endpoints():
    problems[entry.name] = sorted({kind.code for kind in entry.problems})
print(json.dumps([document(list_endpoints()), problems]))
"""


@pytest.fixture(scope="module")
def made() -> list[Any]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    found: list[Any] = json.loads(done.stdout)
    return found


def test_every_operation_says_its_problems(made: list[Any]) -> None:
    document, problems = made
    operations = {item["operationId"]: item for path in document["paths"].values() for item in path.values()}
    assert operations.keys() == problems.keys()
    for name, operation in operations.items():
        codes = []
        for status, answer in operation["responses"].items():
            for content in answer.get("content", {}).values():
                part = content["schema"].get("allOf")
                if part:
                    assert part[1]["properties"]["status"]["const"] == int(status)
                    codes += part[1]["properties"]["code"]["enum"]
        assert sorted(codes) == problems[name]
        assert operation["summary"]
        assert operation["tags"]


def test_every_field_is_described(made: list[Any]) -> None:
    schemas = made[0]["components"]["schemas"]
    bare = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, about in schema["properties"].items()
        if not about.get("description")
    ]
    assert bare == []


def test_every_reference_leads_somewhere(made: list[Any]) -> None:
    document = made[0]
    text = json.dumps(document)
    targets = {part.split('"')[0] for part in text.split('"$ref": "#/components/')[1:]}
    for target in targets:
        kind, name = target.split("/")
        assert name in document["components"][kind]
    assert document["openapi"] == "3.1.0"


def test_examples_are_accepted() -> None:
    from functions.http.drives import many_drives, one_drive
    from functions.http.openapi_document import EXAMPLES

    drive = one_drive(json.dumps(EXAMPLES["DriveDay"]).encode(), False, (5, 187), [])
    assert len(drive.history) == 1
    drives, faulty = many_drives(json.dumps(EXAMPLES["BatchRequest"]).encode(), (5, 187), 10, [])
    assert all(drives)
    assert not faulty
