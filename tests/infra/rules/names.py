"""Names of containers, queues and functions are the code's."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

from functions.batch import SCORED_ENDINGS
from functions.storage import containers
from tests.infra.bicep import Infra, Loop

PLATFORM_CONTAINERS = {"app-package", "dead-letter"}
"""Deployment writes into the one, Event Grid into the other; the code knows neither."""

ROOT = Path(__file__).parents[3]
INDEX = """
import json
from pathlib import Path
from devhost.runtime import Runtime
print(json.dumps({function.name: function.bindings for function in Runtime(Path.cwd()).functions}))
"""


def containers_are_the_codes(infra: Infra) -> list[str]:
    """Compare names.bicep with functions/storage/containers.py, and see that each is made, private."""
    code = {value for name, value in vars(containers).items() if name.isupper() and isinstance(value, str)}
    found = set(infra.table("modules/names.bicep", "containers").values())
    wanted = code | PLATFORM_CONTAINERS
    faults = [] if found == wanted else [f"containers are {sorted(found)}, expected {sorted(wanted)}"]
    made = list(infra.resources("Microsoft.Storage/storageAccounts/blobServices/containers"))
    for file, resource in made:
        if not isinstance(resource.value, Loop) or resource.value.over != "items(containers)":
            faults.append(f"{file}: {resource.name} is not made for each of names.bicep's containers")
        if resource.body["properties"].get("publicAccess") != "None":
            faults.append(f"{file}: {resource.name} may be read by anybody")
    return faults if made else [*faults, "no container is made"]


def queues_are_the_codes(infra: Infra) -> list[str]:
    """Compare names.bicep with the queues the code names, and see that each is made."""
    found = set(infra.table("modules/names.bicep", "queues").values())
    wanted = _queue_names()
    faults = [] if found == wanted else [f"queues are {sorted(found)}, expected {sorted(wanted)}"]
    made = [
        resource for _, resource in infra.resources("Microsoft.Storage/storageAccounts/queueServices/queues")
    ]
    if [getattr(resource.value, "over", "") for resource in made] != ["items(queues)"]:
        faults.append("queues are not made for each of names.bicep's")
    return faults


@cache
def _bindings() -> dict[str, list[dict[str, str]]]:
    """Return every function's bindings, as Microsoft's library indexes them."""
    done = subprocess.run(
        [sys.executable, "-c", INDEX], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[dict[str, str]]] = json.loads(done.stdout)
    return found


def _queue_names() -> set[str]:
    """Return the queues that functions take from."""
    return {
        binding["queueName"]
        for bindings in _bindings().values()
        for binding in bindings
        if binding["type"] == "queueTrigger"
    }


def functions_exist(infra: Infra) -> list[str]:
    """See that queries and the subscription speak of functions there are."""
    asked = {
        name
        for path in [*infra.folder.glob("queries/*.kql"), *infra.folder.glob("workbook/*.json")]
        for name in re.findall(r'\bName == \\?"(\w+)\\?"', path.read_text(encoding="utf-8"))
    }
    asked.add(str(infra.sheets["eventgrid.bicep"].one("var", "functionName").value))
    return [f"there is no function {name}" for name in sorted(asked - _bindings().keys())]


def events_are_of_files_that_are_scored(infra: Infra) -> list[str]:
    """Compare the subscription's suffixes with the endings the function takes."""
    filters = infra.sheets["eventgrid.bicep"].one("var", "uploads").value["advancedFilters"]
    endings = next((f["values"] for f in filters if f["key"] == "subject"), None)
    return (
        []
        if endings == list(SCORED_ENDINGS)
        else [f"events end on {endings}, functions.batch takes {SCORED_ENDINGS}"]
    )
