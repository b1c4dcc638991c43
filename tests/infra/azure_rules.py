"""What Azure refuses and the compiler does not: two resources of one id, names, roles that there are not.

Patterns: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules; roles:
https://learn.microsoft.com/azure/role-based-access-control/built-in-roles.
"""

from __future__ import annotations

import re
from collections import Counter

from tests.infra.snapshot import Resource

_GUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_DASHED = r"(?!.*--)[a-z0-9]([a-z0-9-]{%d,%d}[a-z0-9])"
_NETWORK = r"[A-Za-z0-9]([\w.-]{0,%d}\w)"
_MONITOR = r"[^*#&+:<>?@%%{}\\/]{0,%d}[^*#&+:<>?@%%{}\\/ .]"
_ZONE = r"format\('privatelink\.\{0\}\.\{1\}', '[a-z]+', environment\(\)\.suffixes\.storage\)"

NAMES = {
    "Microsoft.Authorization/roleAssignments": rf"{_GUID}|\[guid\(.+\)\]",
    "Microsoft.Consumption/budgets": r"[\w-]{1,63}",
    "Microsoft.EventGrid/systemTopics": r"[A-Za-z0-9-]{3,50}",
    "Microsoft.EventGrid/systemTopics/eventSubscriptions": r"[A-Za-z0-9-]{3,64}",
    "Microsoft.Insights/actionGroups": _MONITOR % 259,
    "Microsoft.Insights/components": _MONITOR % 259,
    "Microsoft.Insights/diagnosticSettings": _MONITOR % 259,
    "Microsoft.Insights/metricAlerts": _MONITOR % 259,
    "Microsoft.Insights/scheduledQueryRules": _MONITOR % 259,
    "Microsoft.Insights/workbooks": _GUID,
    "Microsoft.KeyVault/vaults": r"(?!.*--)[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]",
    "Microsoft.ManagedIdentity/userAssignedIdentities": r"[A-Za-z0-9][\w-]{2,127}",
    "Microsoft.Network/networkSecurityGroups": _NETWORK % 78,
    "Microsoft.Network/privateDnsZones": rf"privatelink(\.[a-z]+)+|\[{_ZONE}\]",
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks": rf"\w+|\[format\('\{{0\}}/\{{1\}}', {_ZONE}, '\w+'\)\]",
    "Microsoft.Network/privateEndpoints": _NETWORK % 62,
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups": "default",
    "Microsoft.Network/virtualNetworks": _NETWORK % 62,
    "Microsoft.OperationalInsights/workspaces": r"[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]",
    "Microsoft.Resources/resourceGroups": r"[\w().-]{0,89}[\w()-]",
    "Microsoft.Storage/storageAccounts": r"[a-z0-9]{3,24}",
    "Microsoft.Storage/storageAccounts/blobServices": "default",
    "Microsoft.Storage/storageAccounts/blobServices/containers": _DASHED % (1, 61),
    "Microsoft.Storage/storageAccounts/managementPolicies": "default",
    "Microsoft.Storage/storageAccounts/queueServices": "default",
    "Microsoft.Storage/storageAccounts/queueServices/queues": _DASHED % (1, 61),
    "Microsoft.Web/serverfarms": r"[A-Za-z0-9-]{1,60}",
    "Microsoft.Web/sites": r"[A-Za-z0-9][A-Za-z0-9-]{0,58}[A-Za-z0-9]",
    "Microsoft.Web/sites/basicPublishingCredentialsPolicies": "ftp|scm",
    "Microsoft.Web/sites/config": "authsettingsV2",
}
"""Type of resource -> what the last part of its name may be; in brackets: worked out while Azure deploys."""

ROLES = {
    "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
    "73c42c96-874c-492b-b04d-ab87d138a893": "Log Analytics Reader",
    "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
    "acdd72a7-3385-48ef-bd42-f606fba81ae7": "Reader",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
    "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1": "Storage Blob Data Reader",
    "974c5e8b-45b9-4653-ba55-5f855dd0fb88": "Storage Queue Data Contributor",
    "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a": "Storage Queue Data Message Sender",
    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "Storage Table Data Contributor",
    "de139f84-1756-47ae-9be6-808fbbe84772": "Website Contributor",
}
"""Microsoft's GUIDs of the built-in roles that are assigned here."""

OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
"""Assigned to nobody: alerts without addresses go to who has it."""

PRINCIPAL_TYPES = {"User", "Group", "ServicePrincipal"}


def faults(resources: list[Resource]) -> list[str]:
    """Return what Azure would refuse of a snapshot's resources."""
    counted = Counter(str(resource["id"]).lower() for resource in resources)
    found = [f"{identity} is there {count} times" for identity, count in counted.items() if count > 1]
    for resource in resources:
        kind, name = resource["type"], str(resource["name"])
        last = name if name.startswith("[") else name.rpartition("/")[2]
        if not re.fullmatch(NAMES.get(kind, "(?!)"), last):
            found.append(f"{kind} is called {last}, expected {NAMES.get(kind, 'a type of the table')}")
        if resource.get("location", "global") not in ("global", str(resource.get("location")).lower()):
            found.append(f"{kind} {last} is in {resource['location']}, expected its one spelling")
        if kind == "Microsoft.Authorization/roleAssignments":
            found += _faults_of_role(resource["properties"])
    return found


def role_of(assignment: Resource) -> str:
    """Return the name of the role that is assigned; its GUID where it is none of the table's."""
    guid = str(assignment["properties"]["roleDefinitionId"]).rpartition("/")[2]
    return ROLES.get(guid, guid)


def _faults_of_role(properties: Resource) -> list[str]:
    found = []
    if str(properties["roleDefinitionId"]).rpartition("/")[2] not in ROLES:
        found.append(f"{properties['roleDefinitionId']} is no role of the table")
    if properties["principalType"] not in PRINCIPAL_TYPES or not properties.get("description"):
        found.append(f"an assignment to {properties['principalId']} has no principal type, or no reason")
    return found
