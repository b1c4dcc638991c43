"""Apps the worker cannot index, functions the host would leave out: the function and the reason are said."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from devhost.errors import DevhostError
from devhost.indexing_errors import check_function, check_names
from tests.support.running_app import PROJECT

pytestmark = pytest.mark.slow

GOOD = """
import azure.functions as func
app = func.FunctionApp()

@app.route("good")
def good(req: func.HttpRequest) -> func.HttpResponse: ...

"""
NONE_LOADED = "; the Functions host would load none of the app's functions"


def devhost(folder: Path, source: str) -> subprocess.CompletedProcess[str]:
    (folder / "host.json").write_text('{"version": "2.0"}')
    (folder / "function_app.py").write_text(GOOD + source)
    return subprocess.run(
        [sys.executable, "-m", "devhost", "--app", str(folder), "--port", "0"],
        cwd=PROJECT,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


QUEUE = '@app.queue_trigger(arg_name="m", queue_name="q", connection="C")\n'


@pytest.mark.parametrize(
    ("source", "output"),
    [
        (
            '@app.route("x")\ndef bad(req: func.HttpRequest) -> object: ...\n',
            'function bad: Python return annotation "object" does not match binding type "http"'
            + NONE_LOADED,
        ),
        (
            '@app.route("x")\n@app.function_name("good")\ndef bad(req: func.HttpRequest) -> str: ...\n',
            "function good: ValueError: Function good does not have a unique function name",
        ),
        (
            QUEUE + "def bad(n: func.QueueMessage) -> None: ...\n",
            "function bad: the following parameters are",
        ),
        (QUEUE + "def bad(m: func.HttpRequest) -> None: ...\n", "function bad: binding type"),
        (
            '@app.route("x")\n' + QUEUE + "def bad(m: str) -> str: ...\n",
            "function bad: ValueError: A trigger was",
        ),
        (
            '@app.route("x")\ndef bad(req: "nonesuch") -> str: ...\n',
            "function bad: NameError: name 'nonesuch' is not defined" + NONE_LOADED,
        ),
        (
            '@app.route("x")\n@app.function_name("1st")\ndef bad(req: func.HttpRequest) -> str: ...\n',
            "function 1st: ",
        ),
    ],
)
def test_the_run_ends_with_one_line(tmp_path: Path, source: str, output: str) -> None:
    done = devhost(tmp_path, source)
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("devhost: ")
    assert output in line


def test_names_and_bindings_the_host_takes() -> None:
    check_function("a-b_9", [{"name": "req"}, {"name": "$return"}])
    check_names(["a", "b"])


@pytest.mark.parametrize("name", ["host", "HOST", "_a", "a.b", "é", "a" * 129, ""])
def test_names_the_host_does_not_take(name: str) -> None:
    with pytest.raises(DevhostError, match=f"^function {re.escape(name)}: "):
        check_function(name, [])


def test_names_that_the_host_takes_no_second_time() -> None:
    with pytest.raises(DevhostError, match=r"^function GOOD: .*\bgood\b"):
        check_names(["good", "GOOD"])
    with pytest.raises(DevhostError, match=r"^function f: .*'M'"):
        check_function("f", [{"name": "m"}, {"name": "M"}])
    with pytest.raises(DevhostError, match=r"^function f: .*'the_req'"):
        check_function("f", [{"name": "the_req"}])
