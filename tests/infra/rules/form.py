"""Form: descriptions, types of our own, one API version for a resource type, strict lint rules."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.infra.bicep import Infra

API_VERSIONS = {
    "Microsoft.Authorization/roleAssignments": "2022-04-01",
    "Microsoft.Consumption/budgets": "2024-08-01",
    "Microsoft.EventGrid/systemTopics": "2025-02-15",
    "Microsoft.EventGrid/systemTopics/eventSubscriptions": "2025-02-15",
    "Microsoft.Insights/actionGroups": "2023-01-01",
    "Microsoft.Insights/components": "2020-02-02",
    "Microsoft.Insights/diagnosticSettings": "2021-05-01-preview",
    "Microsoft.Insights/metricAlerts": "2018-03-01",
    "Microsoft.Insights/scheduledQueryRules": "2023-12-01",
    "Microsoft.Insights/workbooks": "2023-06-01",
    "Microsoft.KeyVault/vaults": "2024-11-01",
    "Microsoft.ManagedIdentity/userAssignedIdentities": "2024-11-30",
    "Microsoft.Network/networkSecurityGroups": "2025-05-01",
    "Microsoft.Network/privateDnsZones": "2020-06-01",
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks": "2020-06-01",
    "Microsoft.Network/privateEndpoints": "2025-05-01",
    "Microsoft.Network/virtualNetworks": "2025-05-01",
    "Microsoft.OperationalInsights/workspaces": "2025-07-01",
    "Microsoft.Resources/resourceGroups": "2025-04-01",
    "Microsoft.Storage/storageAccounts": "2025-06-01",
    "Microsoft.Storage/storageAccounts/blobServices": "2025-01-01",
    "Microsoft.Storage/storageAccounts/blobServices/containers": "2025-01-01",
    "Microsoft.Storage/storageAccounts/managementPolicies": "2025-06-01",
    "Microsoft.Storage/storageAccounts/queueServices": "2025-06-01",
    "Microsoft.Storage/storageAccounts/queueServices/queues": "2025-06-01",
    "Microsoft.Web/serverfarms": "2025-03-01",
    "Microsoft.Web/sites": "2025-03-01",
    "Microsoft.Web/sites/basicPublishingCredentialsPolicies": "2025-03-01",
    "Microsoft.Web/sites/config": "2025-03-01",
}
"""Resource type -> API version. Moving one is a change here and in every file that uses it."""

RULES_OFF = {"use-recent-api-versions"}
LOOSE = re.compile(r"\b(object|array|any)\b")


def files_are_bicep(infra: Infra) -> list[str]:
    """Every file is understood, to its end."""
    return [error for sheet in infra.sheets.values() for error in sheet.errors]


def everything_is_described(infra: Infra) -> list[str]:
    """Parameters say Required or Optional, and rightly; outputs and types say what they are."""
    faults = []
    for file, sheet in infra.sheets.items():
        for parameter in sheet.of("param"):
            word = "Required. " if parameter.value is None else "Optional. "
            if not (parameter.description or "").startswith(word):
                faults.append(
                    f"{file}: parameter {parameter.name}: {parameter.description!r}, expected '{word}…'"
                )
        faults += [
            f"{file}: {kind} {declaration.name} is not described"
            for kind in ("output", "type")
            for declaration in sheet.of(kind)
            if not declaration.description
        ]
    return faults


def types_are_our_own(infra: Infra) -> list[str]:
    """No parameter or output is a loose object or array; main.bicep uses every type of types.bicep."""
    faults = [
        f"{file}: {declaration.name} is {declaration.type}; expected a type that says what is in it"
        for file, sheet in infra.sheets.items()
        for kind in ("param", "output")
        for declaration in sheet.of(kind)
        if LOOSE.search(declaration.type)
    ]
    own = {declaration.name for declaration in infra.sheets["types.bicep"].of("type")}
    used = {parameter.type for parameter in infra.sheets["main.bicep"].of("param")}
    missing = own - used - {"networkMode", "principal"}
    return faults + [f"type {name} is not used by main.bicep" for name in sorted(missing)]


def api_versions_are_the_tables(infra: Infra) -> list[str]:
    """Compare every resource, existing ones too, with the table."""
    faults = []
    for file, sheet in infra.sheets.items():
        for resource in sheet.of("resource"):
            if resource.parent or "/" not in resource.resource_type:
                continue
            wanted = API_VERSIONS.get(resource.resource_type)
            if resource.api_version != wanted:
                faults.append(f"{file}: {resource.resource_type}@{resource.api_version}, expected {wanted}")
    return faults


def every_module_is_used(infra: Infra) -> list[str]:
    """Every file of modules/ is reached from main.bicep or eventgrid.bicep; every query by an alert."""
    sources = "\n".join(sheet.source for sheet in infra.sheets.values())
    modules = [file.removeprefix("modules/") for file in infra.sheets if file.startswith("modules/")]
    unused = [file for file in modules if f"'modules/{file}'" not in sources and f"'{file}'" not in sources]
    return [f"modules/{file} is not used" for file in unused]


def lint_rules_are_errors(infra: Infra) -> list[str]:
    """bicepconfig.json: every rule an error, but for the table."""
    text = (infra.folder / "bicepconfig.json").read_text(encoding="utf-8")
    plain = "\n".join(line for line in text.splitlines() if not line.strip().startswith("//"))
    core: dict[str, Any] = json.loads(plain)["analyzers"]["core"]
    faults = [] if core["enabled"] is True else ["the linter is off"]
    if len(core["rules"]) < 30:
        faults.append(f"only {len(core['rules'])} rules")
    for rule, options in core["rules"].items():
        wanted = "off" if rule in RULES_OFF else "error"
        if options["level"] != wanted:
            faults.append(f"{rule} is {options['level']}, expected {wanted}")
    return faults
