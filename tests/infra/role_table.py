"""Who gets which role where: as the snapshots assign it, and as infra/README.md's table says."""

from __future__ import annotations

import re

from tests.infra.azure_rules import role_of
from tests.infra.snapshot import INFRA, Resource, read

Row = tuple[str, str]
"""Role and scope."""

PEOPLE = {
    "00000000-0000-4000-8000-00000000000a": {"uploaders"},
    "00000000-0000-4000-8000-00000000000b": {"uploaders", "operators", "readers", "deployers"},
    "00000000-0000-4000-8000-00000000000c": {"uploaders", "readers", "deployers"},
    "00000000-0000-4000-8000-00000000000d": {"uploaders", "operators", "readers"},
}
"""Object ids of public.bicepparam, and what each of them is: infra/README.md says below its table who is what as well."""

IDENTITIES = {
    "id-drivecast-test-app": "app",
    "id-drivecast-test-events": "events",
    "evgt-stdrivecastaaaaaaaaaaaaa": "events",
}

SCOPES = {
    "Microsoft.Storage/storageAccounts": "storage account",
    "Microsoft.Insights/components": "Application Insights",
    "Microsoft.OperationalInsights/workspaces": "Log Analytics",
    "Microsoft.KeyVault/vaults": "Key Vault",
    "Microsoft.Web/sites": "function app",
}


def assigned(name: str) -> dict[str, list[Row]]:
    """Return the roles of a snapshot by who gets them: an object id, or the name of an identity."""
    found: dict[str, list[Row]] = {}
    for assignment in read(name).of("Microsoft.Authorization/roleAssignments"):
        principal = assignment["properties"]["principalId"]
        identity = re.search(r"/([\w-]+)', '[\d-]+'(?:, 'full'\)\.identity|\))\.principalId\]$", principal)
        who = IDENTITIES[identity[1]] if identity else principal
        found.setdefault(who, []).append((role_of(assignment), _scope(assignment)))
    return found


def documented() -> set[tuple[str, str, str]]:
    """Return (who, role, scope) of infra/README.md's table."""
    text = (INFRA / "README.md").read_text(encoding="utf-8")
    section = text.split("## Roles", 1)[1].split("\n## ", 1)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines()]
    return {(row[0], row[1], row[2]) for row in rows if len(row) == 4 and row[0] not in ("Who", "---")}


def of(*who: str) -> list[Row]:
    """Return the rows of the table for some people together."""
    return sorted((role, scope) for one, role, scope in documented() if one in who)


def _scope(assignment: Resource) -> str:
    identity = str(assignment["id"])
    place = re.match(r"\[extensionResourceId\('([^']+)'", identity)
    path = place[1] if place else identity.partition("/providers/Microsoft.Authorization/")[0]
    parts = path.partition("/providers/")[2].split("/")
    if len(parts) > 3:
        return f"{parts[-2].removesuffix('s')} {parts[-1]}"
    return SCOPES["/".join(parts[:2])] if len(parts) > 1 else "resource group"
