"""The app started as in the image: Microsoft's worker library finds packages, code and model, and answers."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest

from functions.blueprints.batch import EVENTS, RANGES
from tests.container.image_here import ImageHere, as_user, image_here, last_json, pip_line
from tests.container.test_image import instructions
from tests.support.drives import WORN, record
from tests.support.running_app import PROJECT, RunningAzurite
from tests.test_function_app import BINDINGS

pytestmark = pytest.mark.slow

ANSWER = """
import json, os, sys
from pathlib import Path
from devhost.runtime import HttpInput, Runtime

runtime = Runtime(Path.cwd())
by_name = {function.name: function for function in runtime.functions}

def ask(name, body=b""):
    request = HttpInput("POST" if body else "GET", "http://localhost/api/", {}, {}, {}, body)
    outcome = runtime.invoke(by_name[name], "1", {"req": request}, {})
    answer = outcome.value.value
    return [int(answer["status_code"].value), json.loads(answer["body"].value)]

found = {"functions": sorted(by_name), "health": ask("health")}
found["predict"] = ask("predict", sys.argv[1].encode())
import numpy, pyarrow, azure.storage.blob, azure.identity
found["numpy"] = numpy.__file__
found["user"] = os.getuid()
try:
    Path("functions", "new.py").write_text("")
    found["written"] = True
except OSError:
    found["written"] = False
print(json.dumps(found))
"""

FORMER = (
    "python -m pip install --no-cache-dir --only-binary :all: --require-hashes "
    "--requirement requirements.txt --target /build/.python_packages/lib/site-packages"
)
"""Where the first release's image had its packages."""

not_root = pytest.mark.skipif(os.getuid() != 0, reason="not root: cannot run a process as the image's user")


@pytest.fixture(scope="module")
def image() -> Iterator[ImageHere]:
    with image_here() as image:
        yield image


def test_where_the_packages_were_the_worker_finds_none(image: ImageHere) -> None:
    """`0 functions loaded` and every path 404, says Microsoft's host then."""
    image.install(FORMER)
    done = image.run(ANSWER, json.dumps(record(**WORN)))
    image.forget_packages()
    assert done.returncode != 0
    assert "ModuleNotFoundError: No module named 'azure'" in done.stderr


@pytest.mark.parametrize(
    "user",
    [
        pytest.param(None, id="as_this_user"),
        pytest.param(as_user(instructions("USER")), id="as_the_images_user", marks=not_root),
    ],
)
def test_it_starts_and_answers(image: ImageHere, user: int | None) -> None:
    image.install(pip_line())
    found = last_json(image.run(ANSWER, json.dumps(record(**WORN)), user=user))
    assert found["functions"] == sorted(BINDINGS)
    assert found["health"][0] == 200
    status, forecast = found["predict"]
    assert (status, forecast["risk"]) == (200, "high")
    assert found["numpy"].startswith(str(image.python.parents[1]))
    if user is not None:
        assert (found["user"], found["written"]) == (user, False)


OTHERS_CODE = """
import json
from pathlib import Path

wwwroot = Path.cwd()

def may(change):
    try:
        change()
    except OSError:
        return False
    return True

home = wwwroot.parents[1]
changes = {
    "file": lambda: Path("functions", "new.py").write_text(""),
    "root": lambda: Path("sitecustomize.py").write_text(""),
    "rename": lambda: Path("functions").rename("away"),
    "above": lambda: wwwroot.rename(wwwroot.with_name("away")),
    "exchange": lambda: (home / "site").rename(home / "away"),
    "logs": lambda: (home / "LogFiles" / "new").write_text(""),
    "keys": lambda: (home / "data" / "Functions" / "secrets" / "Sentinels" / "new").write_text(""),
    "home": lambda: (home / "new").mkdir(),
}
print(json.dumps([name for name, change in changes.items() if may(change)]))
"""


@not_root
def test_the_images_user_writes_beside_the_code_and_cannot_exchange_it(image: ImageHere) -> None:
    image.give_away()
    done = image.run(OTHERS_CODE, user=as_user(instructions("USER")))
    assert last_json(done) == ["logs", "keys", "home"]


def test_composes_script_finds_what_it_imports(image: ImageHere, azurite: RunningAzurite) -> None:
    image.install(pip_line())
    script = (PROJECT / "tools" / "local_storage.py").read_text()
    done = image.run(script, AzureWebJobsStorage=azurite.connection_string)
    assert (done.returncode, done.stderr) == (0, "")
    assert {EVENTS, RANGES} <= {queue.name for queue in azurite.queues.list_queues()}
