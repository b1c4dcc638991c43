"""docs/tutorial.md run from top to bottom against the running app; what it prints is what the page shows.

``pytest tests/functions/test_tutorial.py --update-golden`` writes the answers anew, as the champion gives
them.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from functions.scoring.model.manifest import CHAMPION, read_registry
from tests.conftest import RunApp
from tests.support.running_app import PROJECT

PAGE = PROJECT / "docs" / "tutorial.md"
LOCAL = "http://localhost:7071"
BLOCK = re.compile(r"^```python\n(?P<code>.*?)^```\n\n```text\n(?P<shown>.*?)^```$", re.MULTILINE | re.DOTALL)
VERSION = re.compile(r"^model (?P<version>\S+)$", re.MULTILINE)

RUN = """
import contextlib, io, json, sys
names, printed = {}, []
for code in json.load(sys.stdin):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(code, names)
    printed.append(out.getvalue())
print(json.dumps(printed))
"""
"""Runs blocks one after the other in one namespace, and tells what each printed."""


def printed(run_app: RunApp, codes: list[str], version: str) -> list[str]:
    settings = {"MODEL": version, "AzureFunctionsWebHost__hostid": "tutorial-tests"}
    with run_app(PROJECT, settings=settings) as running:
        asked = json.dumps([code.replace(LOCAL, running.base_url) for code in codes])
        done = subprocess.run(
            [sys.executable, "-c", RUN],
            cwd=PROJECT,
            input=asked,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stdout)
    return found


def test_it_prints_what_the_page_shows(run_app: RunApp, request: pytest.FixtureRequest) -> None:
    page = PAGE.read_text(encoding="utf-8")
    blocks = list(BLOCK.finditer(page))
    assert len(blocks) == page.count("```python") == page.count("```text") == 8
    codes = [block["code"] for block in blocks]
    if request.config.getoption("--update-golden"):
        answers = iter(printed(run_app, codes, CHAMPION))
        text = BLOCK.sub(lambda block: f"```python\n{block['code']}```\n\n```text\n{next(answers)}```", page)
        PAGE.write_text(text, encoding="utf-8")
        return
    # A version never changes, so the page stays true of the one it shows when another is promoted.
    version = VERSION.search(page)
    assert version is not None
    assert version["version"] in read_registry(PROJECT / "models").versions
    shown = [block["shown"] for block in blocks]
    assert all(shown)
    assert printed(run_app, codes, version["version"]) == shown
