"""Who gets which role where: as the snapshots assign it, and as infra/README.md's table says."""

from __future__ import annotations

import re
from collections import defaultdict

from tests.infra.azure_rules import ROLES
from tests.infra.snapshot import INFRA, read

IDENTITIES = {
    "id-drivecast-test-app": "app",
    "id-drivecast-test-events": "events",
    "evgt-stdrivecastaaaaaaaaaaaaa": "events",
}

SCOPES = {
    "": "resource group",
    "Microsoft.Storage/storageAccounts": "storage account",
    "Microsoft.Insights/components": "Application Insights",
    "Microsoft.OperationalInsights/workspaces": "Log Analytics",
    "Microsoft.KeyVault/vaults": "Key Vault",
    "Microsoft.Web/sites": "function app",
}


def assigned(name: str) -> dict[str, list[tuple[str, str]]]:
    """Return (role, scope) of a snapshot by who gets it: an object id, or the name of an identity."""
    found = defaultdict(list)
    for assignment in read(name).of("Microsoft.Authorization/roleAssignments"):
        properties = assignment["properties"]
        identity = re.search(r"/([\w-]+)', '[\d-]+'[^/]*\.principalId\]$", properties["principalId"])
        role = ROLES[properties["roleDefinitionId"].rpartition("/")[2]]
        scope = re.match(
            r"(?:\[extensionResourceId\(')?(/[^']+?)(?:'|/providers/Microsoft.Auth)", assignment["id"]
        )
        assert scope
        parts = scope[1].partition("/providers/")[2].split("/")
        target = f"{parts[-2][:-1]} {parts[-1]}" if len(parts) > 3 else SCOPES["/".join(parts[:2])]
        found[IDENTITIES[identity[1]] if identity else properties["principalId"]].append((role, target))
    return dict(found)


def documented() -> set[tuple[str, str, str]]:
    """Return (who, role, scope) of infra/README.md's table."""
    text = (INFRA / "README.md").read_text(encoding="utf-8").split("## Roles", 1)[1].split("\n## ", 1)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    return {(row[0], row[1], row[2]) for row in rows if len(row) == 4 and row[0] not in ("Identity", "---")}
