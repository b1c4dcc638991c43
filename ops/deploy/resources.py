"""An environment's resources in Azure, asked of its resource group: Reader there is enough to see it.

main.bicep's outputs say the same, but belong to a deployment of the subscription, where a deployer of code
reads nothing. Asked for are its names and values all the same: the hooks know them by those.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ops.app.azure_cli import AzureCli
from ops.errors import OpsError

RESOURCE_GROUP, APP, URL, STORAGE = (
    "AZURE_RESOURCE_GROUP",
    "DRIVECAST_APP",
    "DRIVECAST_URL",
    "DRIVECAST_STORAGE",
)
WORKSPACE, ACTION_GROUP, DELIVERY = "DRIVECAST_WORKSPACE", "DRIVECAST_ACTION_GROUP", "DRIVECAST_DELIVERY"
EVENTS_IDENTITY, STORAGE_NETWORK = "DRIVECAST_EVENTS_IDENTITY", "DRIVECAST_STORAGE_NETWORK"

NAME_TAG, APPLICATION_TAG, APPLICATION = "azd-env-name", "application", "drivecast"
"""The tags that main.bicep gives to all it makes. azd gives the first one to every project's groups."""

KINDS = {
    APP: "Microsoft.Web/sites",
    STORAGE: "Microsoft.Storage/storageAccounts",
    WORKSPACE: "Microsoft.OperationalInsights/workspaces",
    ACTION_GROUP: "Microsoft.Insights/actionGroups",
}
"""Resources there is one of; others with the tag do not matter here."""

EVENTS = "id-drivecast-{environment}-events"
"""Name of Event Grid's identity, which is not there where the account is closed."""


class NotDeployedError(OpsError):
    """The environment is not there."""


class IncompleteError(NotDeployedError):
    """Its resource group is there, and something in it is missing."""


def group(cli: AzureCli, environment: str) -> str:
    """Return the name of an environment's resource group.

    Raises
    ------
    NotDeployedError
        There is none that who is signed in may see.
    OpsError
        There are several, or the Azure CLI could not be asked.
    """
    # Azure compares a tag's value letter by letter, so the name is compared here.
    found = cli.ask("group", "list", "--tag", f"{APPLICATION_TAG}={APPLICATION}") or []
    names = sorted(
        str(each["name"])
        for each in found
        if _is_of(each, environment) and each["tags"].get(APPLICATION_TAG) == APPLICATION
    )
    if not names:
        raise NotDeployedError(
            f"environment {environment} is not there, or you may not see it: no resource group of this "
            f"subscription has the tags {NAME_TAG} = {environment} and {APPLICATION_TAG} = {APPLICATION}; "
            f"`make deploy ENV={environment} STEP=infra` makes it, and who else uses it needs Reader on it"
        )
    if len(names) > 1:
        raise OpsError(
            f"{len(names)} resource groups have the tag {NAME_TAG} = {environment}: {', '.join(names)}; look "
            f"which one is used, and delete the other (`az group delete --name NAME`)"
        )
    return names[0]


def outputs(cli: AzureCli, environment: str) -> dict[str, str]:
    """Return names and values as main.bicep puts them out.

    Raises
    ------
    NotDeployedError
        The environment is not there; IncompleteError when it was not deployed to the end.
    OpsError
        Something is there twice, or the Azure CLI could not be asked.
    """
    where = group(cli, environment)
    listed = cli.ask_anew("resource", "list", "--resource-group", where) or []
    ours = [each for each in listed if _is_of(each, environment)]
    values = {RESOURCE_GROUP: where, EVENTS_IDENTITY: EVENTS.format(environment=_fold_case(environment))}
    for output, kind in KINDS.items():
        values[output] = _the_one(_of_kind(ours, kind), kind, where, environment)
    site = cli.ask("functionapp", "show", "--name", values[APP], "--resource-group", where)
    # For a Flex Consumption app the CLI hands on the REST answer, which nests what others have flat.
    flat = {**site, **(site.get("properties") or {})}
    values[URL] = f"https://{flat['defaultHostName']}"
    values[DELIVERY] = "queue" if _is_closed(flat) else "webhook"
    account = cli.ask("storage", "account", "show", "--name", values[STORAGE], "--resource-group", where)
    values[STORAGE_NETWORK] = "private" if _is_closed(account) else "public"
    return values


def _is_of(tagged: Mapping[str, Any], environment: str) -> bool:
    """Return whether a tag names the environment: the template tags as somebody typed it."""
    return _fold_case(str((tagged.get("tags") or {}).get(NAME_TAG) or "")) == _fold_case(environment)


def _fold_case(name: str) -> str:
    """Return a name as the template compares it: `DEV` and `dev` are one environment."""
    return name.strip().casefold()


def _is_closed(resource: Mapping[str, Any]) -> bool:
    return str(resource.get("publicNetworkAccess")).lower() == "disabled"


def _of_kind(resources: Iterable[Mapping[str, Any]], kind: str) -> list[str]:
    return sorted(str(each["name"]) for each in resources if str(each["type"]).lower() == kind.lower())


def _the_one(names: list[str], kind: str, where: str, environment: str) -> str:
    if not names:
        raise IncompleteError(
            f"{where} has no {kind} of environment {environment}: it was not deployed to the end; run `make "
            f"deploy ENV={environment} STEP=infra` again"
        )
    if len(names) > 1:
        raise OpsError(
            f"{where} has {len(names)} of {kind}: {', '.join(names)}. Look which one is used, and delete the "
            f"other (`az resource delete --resource-group {where} --resource-type {kind} --name NAME`)"
        )
    return names[0]
