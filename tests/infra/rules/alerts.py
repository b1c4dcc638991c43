"""Alerts: all there, each with an action, each with a query, each with words."""

from __future__ import annotations

from tests.infra.bicep import Infra

WANTED = {"failures", "poison", "latency", "drift", "silence"}
SAYS = ("name", "displayName", "description", "query", "windowSize", "evaluationFrequency", "operator")


def log_alerts_are_complete(infra: Infra) -> list[str]:
    """The table of alerts, and the file each one asks."""
    rules = infra.sheets["modules/alerts.bicep"].one("var", "rules").value
    names = {rule["name"] for rule in rules}
    faults = [] if names == WANTED else [f"alerts are {sorted(names)}, expected {sorted(WANTED)}"]
    for rule in rules:
        faults += [f"alert {rule['name']} has no {part}" for part in SAYS if not rule.get(part)]
        asked = f"loadTextContent('../queries/{rule['name']}.kql')"
        if asked not in str(rule.get("query")):
            faults.append(f"alert {rule['name']} does not ask queries/{rule['name']}.kql")
        if not (infra.folder / "queries" / f"{rule['name']}.kql").is_file():
            faults.append(f"queries/{rule['name']}.kql is not there")
    return faults


REACHED = {
    "Microsoft.Insights/scheduledQueryRules": {"actionGroups": ["actionGroup.id"]},
    "Microsoft.Insights/metricAlerts": [{"actionGroupId": "actionGroup.id"}],
}
"""Kind of alert -> what its actions have to be."""


def every_alert_has_an_action(infra: Infra) -> list[str]:
    """Log and metric alerts reach the action group."""
    faults = []
    for kind, wanted in REACHED.items():
        found = list(infra.resources(kind))
        faults += [] if found else [f"there is no {kind}"]
        faults += [
            f"{file}: {alert.name} reaches nobody"
            for file, alert in found
            if alert.body["properties"].get("actions") != wanted
        ]
    return faults


def budget_has_an_action(infra: Infra) -> list[str]:
    """Every notification of the budget reaches the action group."""
    budgets = [budget.body["properties"] for _, budget in infra.resources("Microsoft.Consumption/budgets")]
    faults = [] if budgets else ["there is no budget"]
    return faults + [
        f"budget: {name} reaches nobody"
        for budget in budgets
        for name, notification in budget["notifications"].items()
        if notification.get("contactGroups") != ["actionGroup.id"] or notification.get("enabled") is not True
    ]


def action_group_reaches_somebody(infra: Infra) -> list[str]:
    """The group is on, and without addresses it writes to the owners."""
    groups = [group.body["properties"] for _, group in infra.resources("Microsoft.Insights/actionGroups")]
    faults = [] if groups else ["there is no action group"]
    for group in groups:
        if group.get("enabled") is not True:
            faults.append("the action group is off")
        if "roles.owner" not in str(group.get("armRoleReceivers")):
            faults.append("without addresses the action group reaches nobody")
    return faults


def poison_alert_can_see(infra: Infra) -> list[str]:
    """The queue service's writes and the blob service's, which two alerts ask for, go to the workspace."""
    sheet = infra.sheets["modules/diagnostics.bicep"]
    wanted = {
        "blobLogs": ("account::blobs", {"StorageWrite", "StorageDelete"}),
        "queueLogs": ("account::queueService", {"StorageWrite"}),
        "appMetrics": ("app", set()),
    }
    faults = []
    for name, (scope, categories) in wanted.items():
        body = sheet.one("resource", name).body
        found = {log["category"] for log in body["properties"].get("logs", []) if log["enabled"] is True}
        if (
            str(body["scope"]) != scope
            or found != categories
            or body["properties"]["workspaceId"] != "workspace.id"
        ):
            faults.append(
                f"{name}: {body['scope']} sends {sorted(found)}, expected {scope} {sorted(categories)}"
            )
    return faults
