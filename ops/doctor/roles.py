"""The roles of the app's identity on the storage account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from functions.storage import containers
from ops.app import remedies
from ops.app.storage_account import SETTING
from ops.app.target import Target
from ops.doctor.check import Finding, does_not_apply, failure, ok

BLOB_OWNER = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"
BLOB_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
BLOB_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
QUEUE_CONTRIBUTOR = "974c5e8b-45b9-4653-ba55-5f855dd0fb88"

NAMES = {
    BLOB_OWNER: "Storage Blob Data Owner",
    BLOB_CONTRIBUTOR: "Storage Blob Data Contributor",
    BLOB_READER: "Storage Blob Data Reader",
    QUEUE_CONTRIBUTOR: "Storage Queue Data Contributor",
}
"""Built-in roles; https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/storage."""

WRITES = (BLOB_CONTRIBUTOR, BLOB_OWNER)
READS = (BLOB_READER, *WRITES)

HOST_CONTAINER = "azure-webjobs-hosts"
"""The Functions host's own state: leases, receipts."""

_BLOBS = "/blobServices/default/containers/"

NEEDED: dict[str, tuple[str, ...]] = {
    f"{_BLOBS}{containers.TELEMETRY}": READS,
    **{f"{_BLOBS}{name}": WRITES for name in containers.OUTPUTS},
    f"{_BLOBS}{HOST_CONTAINER}": WRITES,
    "/queueServices/default": (QUEUE_CONTRIBUTOR,),
}
"""Below the account, what the app touches, and the roles of which one suffices."""


def check_roles(target: Target) -> Finding:
    """Hold the identity's role assignments against what the app touches."""
    if not target.in_azure:
        return does_not_apply("a connection string needs no role")
    name = target.blobs.account_name
    account = str(target.cli.ask("storage", "account", "show", "--name", str(name))["id"])
    principal = principal_id(target.site.get("identity"), target.app_settings.get(f"{SETTING}__clientId"))
    if principal is None:
        return failure(
            f"{target.app} has no identity with the client id of its setting {SETTING}__clientId",
            f"deploy the infrastructure again ({remedies.INFRA})",
        )
    assigned = target.cli.ask("role", "assignment", "list", "--assignee", principal, "--all")
    if lacking := missing_roles(account, assigned):
        return failure(
            "; ".join(lacking), f"deploy the infrastructure again ({remedies.INFRA}); {remedies.LATE}"
        )
    return ok(f"{len(NEEDED)} places covered by {len(assigned)} assignments")


def principal_id(identity: Mapping[str, Any] | None, client_id: str | None) -> str | None:
    """Return the object id of the identity that the app uses; None when it has no such identity.

    *identity* is the site's, as the control plane describes it; without *client_id*, of a user-assigned one,
    it is the app's own.
    """
    found = identity or {}
    if not client_id:
        return found.get("principalId") or None
    for each in (found.get("userAssignedIdentities") or {}).values():
        if str(each.get("clientId", "")).lower() == client_id.lower():
            return str(each["principalId"])
    return None


def missing_roles(account: str, assigned: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return a phrase for each place where a role is missing.

    Parameters
    ----------
    account : str
        The storage account's resource id.
    assigned : iterable of mapping
        Role assignments, each with ``scope`` and ``roleDefinitionId``.
    """
    held = [
        (str(each["scope"]).lower().rstrip("/"), str(each["roleDefinitionId"]).rpartition("/")[2].lower())
        for each in assigned
    ]
    return [
        f"no {NAMES[roles[0]]} on {_name(location)}"
        for location, roles in NEEDED.items()
        if not any(role in roles and _covers(scope, f"{account}{location}".lower()) for scope, role in held)
    ]


def _name(location: str) -> str:
    return location.rpartition("/")[2] if location.startswith(_BLOBS) else "the queues"


def _covers(scope: str, resource: str) -> bool:
    return resource == scope or resource.startswith(f"{scope}/")
