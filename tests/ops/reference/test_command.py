"""docs/reference.md and docs/api.md say what the code says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]


def test_the_committed_pages_are_what_the_code_says() -> None:
    # In a process of its own: an app can list its functions only once.
    done = subprocess.run(
        [sys.executable, "-m", "ops", "reference", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


LISTING = """
import json, msgspec, function_app
from functions.http import errors
from functions.http.endpoints import ENDPOINTS, list_endpoints
types, codes, endpoints = {}, set(), {}
for entry in list_endpoints():
    problems = [kind.code for kind in entry.problems]
    codes |= set(problems)
    endpoints[f"{entry.method} /api/{entry.route}"] = [bool(entry.body), problems]
    for kind in (*entry.body.values(), entry.answer):
        if isinstance(kind, type):
            types[kind.__name__] = [field.encode_name for field in msgspec.structs.fields(kind)]
bound = [f"{entry.method} /api/{entry.route}" for entry in ENDPOINTS.values()]
known = [kind for kind in vars(errors).values() if isinstance(kind, type)]
codes |= {kind.code for kind in known if kind.__module__ == errors.__name__}
print(json.dumps([endpoints, sorted(codes), types, bound]))
"""


@pytest.fixture(scope="module")
def listing() -> tuple[Any, ...]:
    """Endpoints with their problems, codes, types with their fields, and every bound route."""
    done = subprocess.run(
        [sys.executable, "-c", LISTING], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return tuple(json.loads(done.stdout))


def test_the_api_page_has_every_endpoint_field_code_and_limit(listing: tuple[Any, ...]) -> None:
    """The generator reads the OpenAPI document; this looks at its page from the code's side."""
    endpoints, codes, types, bound = listing
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    # The home page's route has a parameter without room for a letter.
    bound = [endpoint.replace("{ignored:maxlength(0)?}", "") for endpoint in bound]
    assert [endpoint for endpoint in bound if f"| `{endpoint}` |" not in page] == []
    assert len(bound) > len(endpoints)
    assert [name for name, (body, _) in endpoints.items() if body and f"### {name}\n" not in page] == []
    assert [code for code in codes if f"| `{code}` |" not in page] == []
    for name, fields in types.items():
        section = page.split(f"\n### {name}\n")[1].split("\n### ")[0].split("\n## ")[0]
        raw = re.findall(r"\| `smart_<id>_raw` \|.*\| Raw value of SMART (.*)\. \|", section)
        listed = {f"smart_{number}_raw" for numbers in raw for number in numbers.split(", ")}
        listed |= set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))
        assert listed == set(fields), name


def test_a_problem_stands_once_with_the_endpoints_that_answer_it(listing: tuple[Any, ...]) -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8").split("\n## Problems\n")[1]
    cells = dict(re.findall(r"^\| `(\w+)` \| \d{3} \| .* \| (.*) \|$", page, re.MULTILINE))
    for name, (body, codes) in listing[0].items():
        path = name.split("/api/")[1]
        listed = {
            code
            for code, cell in cells.items()
            if cell == "all"
            or (cell == "all with a body" and body)
            or (f"`{path}`" in cell) != cell.startswith("all but ")
        }
        assert listed - {"method_not_allowed"} == set(codes), path
