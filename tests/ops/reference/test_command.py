"""docs/reference.md and docs/api.md say what the code says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

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


def test_the_api_page_has_every_endpoint_field_code_and_limit() -> None:
    """The generator reads the OpenAPI document; this looks at its page from the code's side."""
    script = """
import json, msgspec, function_app
from functions.errors import DrivecastError
from functions.http import errors
from functions.http.endpoints import ENDPOINTS, listed
types, codes = {}, set()
for entry in listed():
    codes |= {kind.code for kind in entry.problems}
    for kind in (*entry.body.values(), entry.answer):
        if isinstance(kind, type):
            types[kind.__name__] = [field.encode_name for field in msgspec.structs.fields(kind)]
all_ = [f"{entry.method} /api/{entry.route}" for entry in ENDPOINTS.values()]
known = [kind for kind in vars(errors).values() if isinstance(kind, type)]
codes |= {kind.code for kind in known if kind.__module__ == errors.__name__}
print(json.dumps([[f"{entry.method} /api/{entry.route}" for entry in listed()], sorted(codes), types, all_]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    endpoints, codes, types, bound = json.loads(done.stdout)
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    # The home page's route has a parameter without room for a letter.
    bound = [endpoint.replace("{ignored:maxlength(0)?}", "") for endpoint in bound]
    assert [endpoint for endpoint in bound if f"| `{endpoint}` |" not in page] == []
    assert len(bound) > len(endpoints)
    assert [endpoint for endpoint in endpoints if f"### {endpoint}\n" not in page] == []
    assert [code for code in codes if f"| `{code}` |" not in page] == []
    for name, fields in types.items():
        section = page.split(f"\n### {name}\n")[1].split("\n### ")[0]
        assert [field for field in fields if f"| `{field}` |" not in section] == []
