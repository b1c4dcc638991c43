"""The workbook and the alerts' queries: tables that exist, lines the code writes."""

from __future__ import annotations

import json
import re

import pytest

from tests.infra.snapshot import MAIN, ROOT, read
from tests.test_runbook_docs import TABLES

ITEMS = json.loads(read("public").one("Microsoft.Insights/workbooks")["properties"]["serializedData"])[
    "items"
]
QUERIES = {item["name"]: item["content"] for item in ITEMS if "query" in item["content"]}


@pytest.mark.parametrize("name", MAIN)
def test_queries_ask_tables_there_are(name: str) -> None:
    alerts = [
        alert["properties"]["criteria"] for alert in read(name).of("Microsoft.Insights/scheduledQueryRules")
    ]
    asked = [condition["query"] for criteria in alerts for condition in criteria["allOf"]]
    assert len(asked) == 6
    for query in [*asked, *(content["query"] for content in QUERIES.values())]:
        lines = [line for line in query.splitlines() if line.strip() and not line.startswith("//")]
        assert lines[0].strip() in TABLES
        assert "{latencyMs}" not in query


def test_rows_are_counted_from_lines_the_code_writes() -> None:
    assert re.search('" scored, ".*" rejected in "', QUERIES["rows"]["query"], re.DOTALL)
    written = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "functions").rglob("*.py"))
    assert re.search(r"\} scored, \{[^}]+\} rejected\"", written)


def test_the_workbook_shows_what_the_alert_counts() -> None:
    (alert,) = (
        rule["properties"]["criteria"]["allOf"][0]["query"]
        for rule in read("public").of("Microsoft.Insights/scheduledQueryRules")
        if rule["name"].endswith("-poison")
    )
    counted = "".join(line for line in alert.splitlines(keepends=True) if not line.startswith("//"))
    assert QUERIES["poison"]["query"].startswith(counted)


def test_the_workbook_is_whole() -> None:
    assert len({item["name"] for item in ITEMS}) == len(ITEMS)
    workspace = read("public").one("Microsoft.OperationalInsights/workspaces")["id"]
    for name, content in QUERIES.items():
        assert content.get("title"), name
        assert content.get("crossComponentResources") == [workspace], name
