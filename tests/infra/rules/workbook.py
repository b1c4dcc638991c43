"""The workbook and the alerts' queries: tables that exist, lines the code writes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.infra.bicep import Infra
from tests.infra.rules.names import ROOT

TABLES = {
    "AegDeliveryFailureLogs",
    "AppRequests",
    "AppTraces",
    "StorageBlobLogs",
    "StorageQueueLogs",
}
"""Log Analytics tables that monitoring.bicep, diagnostics.bicep and eventgrid.bicep fill."""

ROWS_LINE = re.compile(r"\} scored, \{[^}]+\} rejected\"")
"""The sentence of a finished file, which the workbook counts rows from."""


def _items(infra: Infra) -> list[dict[str, Any]]:
    document = json.loads((infra.folder / "workbook" / "drivecast.json").read_text(encoding="utf-8"))
    assert document["version"] == "Notebook/1.0"
    return list(document["items"])


def _queries(infra: Infra) -> Iterator[tuple[str, str]]:
    for path in sorted(infra.folder.glob("queries/*.kql")):
        yield path.name, path.read_text(encoding="utf-8")
    for item in _items(infra):
        if "query" in item["content"]:
            yield f"workbook {item['name']}", item["content"]["query"]


def queries_ask_tables_there_are(infra: Infra) -> list[str]:
    """Each query starts with a table that something fills."""
    faults = []
    for name, query in _queries(infra):
        lines = [line for line in query.splitlines() if line.strip() and not line.startswith("//")]
        if lines[0].strip() not in TABLES:
            faults.append(f"{name} asks {lines[0].strip()}, expected one of {sorted(TABLES)}")
    return faults


def rows_are_counted_from_lines_the_code_writes(infra: Infra) -> list[str]:
    """The workbook reads '<file>: <n> scored, <n> rejected in <s> s'; the code still says so."""
    query = next(item["content"]["query"] for item in _items(infra) if item["name"] == "rows")
    faults = [] if '" scored, "' in query and '" rejected in "' in query else [f"rows are counted by {query}"]
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "functions").rglob("*.py")]
    if not any(ROWS_LINE.search(source) for source in sources):
        faults.append("no line of the code says how many rows were scored and rejected")
    return faults


def workbook_is_whole(infra: Infra) -> list[str]:
    """Every query has a title, a place to ask, and a name of its own."""
    items = _items(infra)
    names = [item["name"] for item in items]
    faults = [f"{name} is there twice" for name in sorted(set(names)) if names.count(name) > 1]
    for item in items:
        content = item["content"]
        if "query" not in content:
            continue
        if not content.get("title") or content.get("crossComponentResources") != ["{workspaceId}"]:
            faults.append(f"{item['name']} has no title or does not ask the workspace")
    put = (
        infra.sheets["modules/workbook.bicep"]
        .one("resource", "workbook")
        .body["properties"]["serializedData"]
    )
    if put != "replace(loadTextContent('../workbook/drivecast.json'), '{workspaceId}', workspace.id)":
        faults.append(f"the workbook's data is {put}")
    return faults
