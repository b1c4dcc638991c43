"""docs/runbook.md: a section for each alert of infra/, and nothing named in it that is not there."""

from __future__ import annotations

import re

import pytest

from functions.scoring.report.drift import DRIFTED, MIN_ROWS
from ops.doctor.checks import CHECKS
from ops.poison.records import QUEUES
from tests.infra.snapshot import INFRA, read
from tests.support.documented_commands import commands
from tests.support.running_app import PROJECT

RUNBOOK = (PROJECT / "docs" / "runbook.md").read_text(encoding="utf-8")
SECTIONS = {
    part.partition("\n")[0]: part.partition("\n")[2]
    for part in re.split(r"^## ", RUNBOOK, flags=re.MULTILINE)[1:]
}
TABLES = {
    "AppRequests",
    "AppExceptions",
    "AppTraces",
    "StorageBlobLogs",
    "StorageQueueLogs",
    "AegDeliveryFailureLogs",
    "Usage",
    "_LogOperation",
}
"""Tables of Azure Monitor that this deployment fills;
https://learn.microsoft.com/azure/azure-monitor/reference/tables-index."""


def alerts() -> dict[str, str]:
    """Return the severities of all alerts: of the workspace, of a metric, of the budget, which has none."""
    found = {
        alert["name"].removeprefix("drivecast-test-"): str(alert["properties"]["severity"])
        for alert in read("public").of("Microsoft.Insights/scheduledQueryRules")
    }
    on_metrics = [read(name).of("Microsoft.Insights/metricAlerts") for name in ("public", "events-webhook")]
    for alert in [each for group in on_metrics for each in group]:
        for condition in alert["properties"]["criteria"]["allOf"]:
            found[condition["name"]] = str(alert["properties"]["severity"])
    budgets = {
        budget["name"].split("-")[0]: "" for budget in read("public").of("Microsoft.Consumption/budgets")
    }
    return found | budgets


def test_every_alert_has_a_section() -> None:
    assert set(SECTIONS) == set(alerts())


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_says_what_where_and_how(name: str) -> None:
    parts = re.findall(r"^\*\*(\w+(?: \w+)?)\.\*\*", SECTIONS[name], flags=re.MULTILINE)
    assert parts == ["Means", "First look", "Fix"]
    look = SECTIONS[name].partition("**First look.**")[2].partition("**Fix.**")[0]
    assert "```kusto" in look


def test_the_table_is_that_of_the_alerts() -> None:
    rows = dict(re.findall(r"^\| \[([\w-]+)\]\(#[\w-]+\) \| (\d?) ?\|", RUNBOOK, flags=re.MULTILINE))
    assert rows == alerts()


def test_commands_of_both_packages_are_named() -> None:
    programs = [command for command in commands(RUNBOOK) if command.startswith("python")]
    assert {command.split()[2] for command in programs} == {"ops", "training"}


def test_checks_of_the_doctor_exist() -> None:
    known = {check.name for check in CHECKS}
    named = re.findall(r"checks? ((?:`[\w-]+`(?:,\s+|\s+and\s+)?)+)", RUNBOOK)
    found = {name for names in named for name in re.findall(r"`([\w-]+)`", names)}
    assert len(found) >= 6
    assert found <= known


def test_queues_and_tables_exist() -> None:
    assert all(f"`{name}`" in SECTIONS["poison"] for name in QUEUES)
    queries = re.findall(r"```kusto\n(.*?)```", RUNBOOK, flags=re.DOTALL)
    tables = {
        table
        for query in queries
        for table in re.findall(r"^([A-Z]\w+)$|\((\w+) \|", query, flags=re.MULTILINE)
    }
    assert {name for pair in tables for name in pair if name} <= TABLES


def test_causes_are_the_innermost_messages() -> None:
    """As the host's RpcException writes them: "Result: ...", "Exception: ...", "Stack: ..."."""
    assert "OuterMessage" not in RUNBOOK
    patterns = re.findall(r'extract\(@"(.+)", 1, InnermostMessage\)', RUNBOOK)
    assert len(patterns) == 2
    written = "Result: Failure\nException: ModelError: There is no model.\nStack:   File x"
    for pattern in patterns:
        found = re.search(pattern, written)
        assert found is not None
        assert found[1].startswith("ModelError: ")


def test_settings_of_the_deployment_exist() -> None:
    types = {"alerts": "alertOptions", "scale": "scaleOptions", "retention": "retentionOptions"}
    named = set(re.findall(r"`(alerts|scale|retention)\.(\w+)`", RUNBOOK))
    assert named
    for name, member in named:
        members = (
            (INFRA / "types.bicep").read_text().split(f"type {types[name]} = {{", 1)[1].split("\n}\n", 1)[0]
        )
        assert re.search(rf"^  {member}: ", members, re.MULTILINE), f"{name}.{member}"


def test_the_numbers_of_drift_are_the_codes() -> None:
    assert {str(DRIFTED), f"{MIN_ROWS:,}"} <= set(re.findall(r"\d[\d.,]*\d", SECTIONS["drift"]))
