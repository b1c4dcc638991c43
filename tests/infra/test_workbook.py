"""The workbook and the alerts' queries: tables that exist, lines the code writes."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.infra.snapshot import MAIN, ROOT, read

TABLES = {"AegDeliveryFailureLogs", "AppRequests", "AppTraces", "StorageBlobLogs", "StorageQueueLogs"}
"""Log Analytics tables that monitoring.bicep, diagnostics.bicep and eventgrid.bicep fill."""

ALERTS = {"failures", "poison", "latency", "drift", "silence"}

ROWS_LINE = re.compile(r"\} scored, \{[^}]+\} rejected\"")
"""The sentence of a finished file, which the workbook counts rows from."""


def items(name: str) -> list[dict[str, Any]]:
    """Return what is on the page that a snapshot makes."""
    document = json.loads(read(name).one("Microsoft.Insights/workbooks")["properties"]["serializedData"])
    assert document["version"] == "Notebook/1.0"
    return list(document["items"])


@pytest.mark.parametrize("name", MAIN)
def test_queries_ask_tables_there_are(name: str) -> None:
    queries = [item["content"]["query"] for item in items(name) if "query" in item["content"]]
    for alert in read(name).of("Microsoft.Insights/scheduledQueryRules"):
        queries += [condition["query"] for condition in alert["properties"]["criteria"]["allOf"]]
    assert len(queries) > 8
    for query in queries:
        lines = [line for line in query.splitlines() if line.strip() and not line.startswith("//")]
        assert lines[0].strip() in TABLES
        assert "{latencyMs}" not in query


@pytest.mark.parametrize("name", MAIN)
def test_every_alert_is_there_and_reaches_somebody(name: str) -> None:
    alerts = list(read(name).of("Microsoft.Insights/scheduledQueryRules"))
    assert {alert["name"] for alert in alerts} == {f"drivecast-test-{each}" for each in ALERTS}
    group = read(name).one("Microsoft.Insights/actionGroups")
    for alert in alerts:
        assert alert["properties"]["actions"]["actionGroups"] == [group["id"]]
    receivers = group["properties"]["emailReceivers"] + group["properties"]["armRoleReceivers"]
    assert group["properties"]["enabled"]
    assert len(receivers) == 1


def test_rows_are_counted_from_lines_the_code_writes() -> None:
    query = next(item["content"]["query"] for item in items("public") if item["name"] == "rows")
    assert '" scored, "' in query
    assert '" rejected in "' in query
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "functions").rglob("*.py")]
    assert any(ROWS_LINE.search(source) for source in sources)


def test_the_workbook_is_whole() -> None:
    found = items("public")
    names = [item["name"] for item in found]
    assert len(names) == len(set(names))
    workspace = read("public").one("Microsoft.OperationalInsights/workspaces")["id"]
    for item in found:
        content = item["content"]
        if "query" in content:
            assert content.get("title"), item["name"]
            assert content.get("crossComponentResources") == [workspace], item["name"]
