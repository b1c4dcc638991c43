"""Roles: GUIDs from one table, and every assignment in the table of infra/README.md."""

from __future__ import annotations

import re

from tests.infra.bicep import Declaration, Infra, Loop

GUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")

BUILT_IN = {
    "keyVaultSecretsUser": "4633458b-17de-408a-b874-0445c86b69e6",
    "logAnalyticsReader": "73c42c96-874c-492b-b04d-ab87d138a893",
    "monitoringMetricsPublisher": "3913510d-42f4-4e42-8a64-420c390055eb",
    "owner": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "storageBlobDataContributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "storageBlobDataOwner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    "storageBlobDataReader": "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
    "storageQueueDataContributor": "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
    "storageQueueDataMessageSender": "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a",
    "storageTableDataContributor": "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
    "websiteContributor": "de139f84-1756-47ae-9be6-808fbbe84772",
}
"""Microsoft's built-in roles, from https://learn.microsoft.com/azure/role-based-access-control/built-in-roles."""

SCOPES = {
    "account": "storage account",
    "component": "Application Insights",
    "workspace": "Log Analytics",
    "vault": "Key Vault",
    "app": "function app",
    "resourceGroup()": "resource group",
}

NOT_ROLES = {"modules/roles.bicep"}


def role_guids_are_in_one_table(infra: Infra) -> list[str]:
    """The table has Microsoft's GUIDs, and no other file has one."""
    found = infra.table("modules/roles.bicep", "roles")
    faults = [] if found == BUILT_IN else [f"roles.bicep has {found}, expected {BUILT_IN}"]
    return faults + [
        f"{file} has the GUID {guid}; expected roles.<name>"
        for file, sheet in infra.sheets.items()
        if file not in NOT_ROLES
        for guid in GUID.findall(sheet.source)
    ]


def assignments(infra: Infra) -> set[tuple[str, str, str]]:
    """Return (who, role, scope) of every role assignment."""
    found = set()
    for file, resource in infra.resources("Microsoft.Authorization/roleAssignments"):
        role = re.findall(r"roles\.(\w+)", resource.body["properties"]["roleDefinitionId"])
        found.add((_who(file, resource), _words(role[0]), _scope(infra, str(resource.body["scope"]))))
    return found


def _who(file: str, resource: Declaration) -> str:
    if isinstance(resource.value, Loop):
        return resource.value.over.removeprefix("people.")
    return "events" if file == "modules/access-events.bicep" else "app"


def _words(role: str) -> str:
    words = re.sub(r"([A-Z])", r" \1", role)
    return words[0].upper() + words[1:]


def _scope(infra: Infra, scope: str) -> str:
    *parents, last = scope.split("::")
    if not parents:
        return SCOPES.get(last, last)
    table = "queues" if parents[-1] == "queueService" else "containers"
    return f"{table.removesuffix('s')} {infra.names(f'{table}.{last}')}"


def documented(infra: Infra) -> set[tuple[str, str, str]]:
    """Return (who, role, scope) of infra/README.md's table."""
    text = (infra.folder / "README.md").read_text(encoding="utf-8")
    section = text.split("## Roles", 1)[1].split("\n## ", 1)[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if line.startswith("| ")
    ]
    return {(row[0], row[1], row[2]) for row in rows if row[0] not in ("Who", "---")}


def assignments_are_documented(infra: Infra) -> list[str]:
    """Compare what is assigned with the table, both ways."""
    found, wanted = assignments(infra), documented(infra)
    faults = [f"{row} is assigned but not in infra/README.md" for row in sorted(found - wanted)]
    return faults + [f"{row} is in infra/README.md but not assigned" for row in sorted(wanted - found)]


ALSO = {
    "uploaders": "union(people.uploaders, people.operators, people.deployers)",
    "readers": "union(people.operators, people.deployers)",
}
"""Who of the table is more than one list of people; infra/README.md says so below it."""


def people_are_who_the_table_says(infra: Infra) -> list[str]:
    """The lists that are made of others are those of `ALSO`."""
    sheet = infra.sheets["modules/access-people.bicep"]
    found = {variable.name: str(variable.value) for variable in sheet.of("var")}
    return [] if found == ALSO else [f"lists of people are {found}, expected {ALSO}"]


def assignments_are_whole(infra: Infra) -> list[str]:
    """Each has a scope, a name that is the same at every deployment, a principal type and a reason."""
    faults = []
    for file, resource in infra.resources("Microsoft.Authorization/roleAssignments"):
        body = resource.body
        scope, properties = str(body.get("scope", "")), body["properties"]
        role = re.findall(r"roles\.\w+", str(properties["roleDefinitionId"]))
        name = f"guid({scope}.id, {properties['principalId']}, {role[0] if role else '?'})"
        if body["name"] != name:
            faults.append(f"{file}: {resource.name} is named {body['name']}, expected {name}")
        if properties.get("principalType") not in ("ServicePrincipal", "person.type"):
            faults.append(f"{file}: {resource.name} has no principal type")
        if not properties.get("description"):
            faults.append(f"{file}: {resource.name} gives no reason")
    return faults
