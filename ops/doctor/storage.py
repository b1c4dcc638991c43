"""The storage account: reachable with this identity, its containers there."""

from __future__ import annotations

from http import HTTPStatus

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError, ServiceRequestError

from functions.storage import containers
from ops.app import remedies
from ops.app.target import Target
from ops.doctor.check import Finding, failure, ok
from ops.poison.records import QUEUES

DEAD_LETTER = "dead-letter"
APP_PACKAGE = "app-package"

PROVISIONED = (
    containers.TELEMETRY,
    *containers.OUTPUTS,
    containers.GIVEN_UP,
    containers.MODELS,
    APP_PACKAGE,
    DEAD_LETTER,
)
"""Containers that infra/ makes in Azure."""


def check_storage(target: Target) -> Finding:
    """Ask the blob and the queue service for something; a thing that is not there is an answer too."""
    account = target.blobs.account_name
    try:
        target.blobs.get_container_client(containers.TELEMETRY).exists()
        target.queues.get_queue_client(QUEUES[0]).get_queue_properties()
    except ResourceNotFoundError:
        pass
    except ServiceRequestError as error:
        return failure(
            f"{account} does not answer: {_first_line(error)}",
            "start the app (`make start` brings Azurite), or look at the account's name and network rules",
        )
    except HttpResponseError as error:
        if error.status_code != HTTPStatus.FORBIDDEN:
            raise
        return failure(
            f"{account} refuses this identity: {_first_line(error)}",
            "get the roles Storage Blob Data Contributor and Storage Queue Data Contributor on the account, "
            f"each with {remedies.ROLE.format(role='ROLE', scope='ACCOUNT_ID')}; {remedies.LATE}",
        )
    return ok(f"{account}: blobs and queues answer")


def check_containers(target: Target) -> Finding:
    """Look for the containers; on this machine the app makes those of its outputs with the first file."""
    wanted: tuple[str, ...] = (containers.TELEMETRY,)
    if target.in_azure:
        # Of the control plane: nobody's data roles reach all of them.
        account = str(target.blobs.account_name)
        found = target.cli.ask("storage", "container-rm", "list", "--storage-account", account) or []
        there = {str(each["name"]) for each in found}
        wanted, todo = PROVISIONED, f"deploy the infrastructure again ({remedies.INFRA})"
    else:
        exists = target.blobs.get_container_client(containers.TELEMETRY).exists()
        there = {containers.TELEMETRY} if exists else set()
        todo = "start the app: devhost makes it"
    if missing := [name for name in wanted if name not in there]:
        return failure(f"missing: {', '.join(missing)}", todo)
    return ok(f"there: {', '.join(wanted)}")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
