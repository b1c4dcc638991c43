"""The storage account: closed, encrypted on the way, versions kept, old blobs deleted."""

from __future__ import annotations

from typing import Any

from tests.infra.bicep import Code, Infra, Loop

ACCOUNT = {
    "allowBlobPublicAccess": False,
    "allowCrossTenantReplication": False,
    "allowSharedKeyAccess": False,
    "isLocalUserEnabled": False,
    "minimumTlsVersion": "TLS1_2",
    "supportsHttpsTrafficOnly": True,
    "publicNetworkAccess": "private ? 'Disabled' : 'Enabled'",
}

DELETED = {
    "runs/": "retention.runsDays",
    "history/": "retention.historyDays",
    "predictions/": "retention.predictionsDays",
    "dead-letter/": "retention.deadLetterDays",
}
"""Prefix of what is deleted -> after how many days."""

LONGEST_LOOK_BACK = 35
"""Days the join with history goes back; a snapshot younger than that must not go."""


def account_is_closed(infra: Infra) -> list[str]:
    """Keys off, no anonymous access, TLS 1.2, HTTPS only."""
    accounts = list(infra.resources("Microsoft.Storage/storageAccounts"))
    faults = [] if len(accounts) == 1 else [f"{len(accounts)} storage accounts, expected one"]
    for file, account in accounts:
        properties = account.body["properties"]
        faults += [
            f"{file}: {name} is {properties.get(name)!r}, expected {wanted!r}"
            for name, wanted in ACCOUNT.items()
            if properties.get(name) != wanted
        ]
        if properties.get("networkAcls", {}).get("defaultAction") != "private ? 'Deny' : 'Allow'":
            faults.append(f"{file}: a private account does not deny by default")
    return faults


def models_can_be_restored(infra: Infra) -> list[str]:
    """Versioning, and soft delete of blobs and containers."""
    services = list(infra.resources("Microsoft.Storage/storageAccounts/blobServices"))
    faults = [] if services else ["no blob service is configured"]
    for file, service in services:
        properties = service.body["properties"]
        if properties.get("isVersioningEnabled") is not True:
            faults.append(f"{file}: versioning is off")
        faults += [
            f"{file}: {policy} is off"
            for policy in ("deleteRetentionPolicy", "containerDeleteRetentionPolicy")
            if properties.get(policy, {}).get("enabled") is not True
        ]
    return faults


def old_blobs_are_deleted(infra: Infra) -> list[str]:
    """Compare the lifecycle rules with the table."""
    sheet = infra.sheets["modules/lifecycle.bicep"]
    files = sheet.one("var", "filesOf").value
    found = {infra.names(prefix): rule["days"] for rule in files.values() for prefix in rule["prefixes"]}
    faults = [] if found == DELETED else [f"deleted are {found}, expected {DELETED}"]

    rules = sheet.one("var", "deleteFiles").value
    deletes: dict[str, Any] = {}
    if isinstance(rules, Loop):
        deletes = rules.body["definition"]["actions"].get("baseBlob", {}).get("delete", {})
    if deletes != {"daysAfterModificationGreaterThan": "max(rule.value.days, 1)"}:
        faults.append(f"what is deleted goes by {deletes}, expected days since modification")
    if not isinstance(rules, Loop) or rules.body["enabled"] != "rule.value.days > 0":
        faults.append("0 days does not keep")

    policies = [
        policy for _, policy in infra.resources("Microsoft.Storage/storageAccounts/managementPolicies")
    ]
    if [p.body["properties"]["policy"]["rules"] for p in policies] != ["concat(deleteFiles, deleteVersions)"]:
        faults.append("the lifecycle rules are not applied")
    return faults


def overwritten_versions_are_deleted(infra: Infra) -> list[str]:
    """Versions of every container go, those of models late."""
    rules = infra.sheets["modules/lifecycle.bicep"].one("var", "deleteVersions").value
    cleared = {
        infra.names(prefix): rule["definition"]["actions"]["version"]["delete"][
            "daysAfterCreationGreaterThan"
        ]
        for rule in rules
        if rule["enabled"] is True
        for prefix in rule["definition"]["filters"]["prefixMatch"]
    }
    containers = [f"{name}/" for name in infra.table("modules/names.bicep", "containers").values()]
    faults = [f"overwritten versions in {name} stay for ever" for name in containers if name not in cleared]
    if cleared.get("models/") != "modelVersionsDays":
        faults.append(f"versions of models go after {cleared.get('models/')}, expected modelVersionsDays")
    return faults


def history_outlives_the_join(infra: Infra) -> list[str]:
    """The default, and what the type allows, are longer than the join looks back."""
    sheet = infra.sheets["types.bicep"]
    days = infra.sheets["main.bicep"].one("param", "retention").value["historyDays"]
    faults = (
        []
        if days > LONGEST_LOOK_BACK
        else [f"history goes after {days} days, the join looks back {LONGEST_LOOK_BACK}"]
    )
    if f"@minValue({LONGEST_LOOK_BACK + 1})\n  historyDays: int" not in sheet.source:
        faults.append(f"historyDays may be shorter than {LONGEST_LOOK_BACK + 1}")
    return faults


def prefixes_are_containers(infra: Infra) -> list[str]:
    """No lifecycle prefix is an expression that was not understood here."""
    sheet = infra.sheets["modules/lifecycle.bicep"]
    rules = sheet.one("var", "deleteVersions").value
    prefixes = [p for rule in rules for p in rule["definition"]["filters"]["prefixMatch"]]
    return [
        f"prefix {p} is not understood" for p in prefixes if isinstance(p, Code) and "$" in infra.names(p)
    ]
