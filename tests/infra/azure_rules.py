"""What Azure refuses and the compiler does not: two resources of one id, names, roles that there are not.

https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules and
https://learn.microsoft.com/azure/role-based-access-control/built-in-roles.
"""

from __future__ import annotations

import re
from collections import Counter

from tests.infra.snapshot import Resource

_GUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_BLOB = r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]"
_NETWORK = r"[A-Za-z0-9][\w.-]{0,62}\w"
_MONITOR = r"[^*#&+:<>?@%{}\\/]{0,259}[^*#&+:<>?@%{}\\/ .]"
_ZONE = r"format\('privatelink\.\{0\}\.\{1\}', '[a-z]+', environment\(\)\.suffixes\.storage\)"

NAMES = {
    "Authorization/roleAssignments": rf"{_GUID}|\[guid\(.+\)\]",
    "Consumption/budgets": r"[\w-]{1,63}",
    "EventGrid/systemTopics": r"[A-Za-z0-9-]{3,50}",
    "EventGrid/systemTopics/eventSubscriptions": r"[A-Za-z0-9-]{3,64}",
    "Insights/(actionGroups|components|diagnosticSettings|metricAlerts|scheduledQueryRules)": _MONITOR,
    "Insights/workbooks": _GUID,
    "KeyVault/vaults": r"(?!.*--)[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]",
    "ManagedIdentity/userAssignedIdentities": r"[A-Za-z0-9][\w-]{2,127}",
    "Network/(networkSecurityGroups|privateEndpoints|virtualNetworks)": _NETWORK,
    "Network/privateDnsZones": rf"privatelink(\.[a-z]+)+|\[{_ZONE}\]",
    "Network/privateDnsZones/virtualNetworkLinks": rf"{_NETWORK}|\[format\('.+', {_ZONE}, '{_NETWORK}'\)\]",
    "Network/privateEndpoints/privateDnsZoneGroups": "default",
    "OperationalInsights/workspaces": r"[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]",
    "Resources/resourceGroups": r"[\w().-]{0,89}[\w()-]",
    "Storage/storageAccounts": r"[a-z0-9]{3,24}",
    "Storage/storageAccounts/(blobServices|managementPolicies|queueServices)": "default",
    "Storage/storageAccounts/(blobServices/containers|queueServices/queues)": _BLOB,
    "Web/serverfarms": r"[A-Za-z0-9-]{1,60}",
    "Web/sites": r"[A-Za-z0-9][A-Za-z0-9-]{0,58}[A-Za-z0-9]",
    "Web/sites/basicPublishingCredentialsPolicies": "ftp|scm",
    "Web/sites/config": "authsettingsV2",
}
"""Types of resources -> what the last part of a name may be; in brackets what Azure works out itself."""

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


def faults(resources: list[Resource]) -> list[str]:
    """Return what Azure would refuse of a snapshot's resources."""
    counted = Counter(str(resource["id"]).lower() for resource in resources)
    found = [f"{identity} is there {count} times" for identity, count in counted.items() if count > 1]
    for resource in resources:
        kind, name = resource["type"].removeprefix("Microsoft."), str(resource["name"])
        last = name if name.startswith("[") else name.rpartition("/")[2]
        allowed = [pattern for kinds, pattern in NAMES.items() if re.fullmatch(kinds, kind)]
        if not any(re.fullmatch(pattern, last) for pattern in allowed):
            found.append(f"{kind} is called {last}, expected {allowed or 'a type of the table'}")
        if re.search("[^a-z0-9]", resource.get("location", "")):
            found.append(f"{kind} {last} is in {resource['location']}, expected its one spelling")
        if kind == "Authorization/roleAssignments":
            given = resource["properties"]
            if str(given["roleDefinitionId"]).rpartition("/")[2] not in ROLES or not given["principalType"]:
                found.append(
                    f"{given['roleDefinitionId']} for {given['principalId']} is no role of the table"
                )
    return found
