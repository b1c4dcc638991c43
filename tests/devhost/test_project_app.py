"""The project's own app: Microsoft's library finds its functions, and Azure will see these bindings."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.support.running_app import PROJECT

EXPECTED = Path(__file__).parent / "project_bindings.json"
"""Triggers, routes, paths, key levels; when a change is meant, write what the test found to this file."""

INDEX = """
import json, sys
from pathlib import Path
from devhost.runtime import Runtime
found = {function.name: function.bindings for function in Runtime(Path(sys.argv[1])).functions}
print(json.dumps(found, indent=2, sort_keys=True))
"""


def test_the_app_indexes_and_its_bindings_are_as_recorded() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "BLOB_TRIGGER_SOURCE"}
    done = subprocess.run(
        [sys.executable, "-c", INDEX, str(PROJECT)],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(EXPECTED.read_text()), f"found:\n{done.stdout}"
