"""Delete an environment from Azure: its resource group with everything in it, telemetry and models too."""

from __future__ import annotations

import argparse

from rich.text import Text

from ops.console import console
from ops.deploy.confirm import confirm
from ops.deploy.environment import RESOURCE_GROUP, add_environment_arguments, from_arguments
from ops.errors import OpsError

TIME_LIMIT = 3600.0
"""Seconds; deleting private endpoints and a virtual network takes a while."""

NAME_TAG = "azd-env-name"
"""The tag that main.bicep gives to all it makes."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_environment_arguments(parser)


def run(args: argparse.Namespace) -> None:
    """Show what is there, ask, and delete it.

    Raises
    ------
    OpsError
        The environment is not there, the resource group is not ours, or nobody confirms.
    """
    environment = from_arguments(args)
    out = console()
    group = environment.outputs()[RESOURCE_GROUP]
    tags = (environment.cli.ask("group", "show", "--name", group) or {}).get("tags") or {}
    if tags.get(NAME_TAG) != environment.name:
        raise OpsError(
            f"the resource group {group} has no tag {NAME_TAG} = {environment.name}, so it may hold what is "
            f"not ours; look at it, and delete it with `az group delete --name {group}`"
        )
    held = environment.cli.ask("resource", "list", "--resource-group", group) or []
    out.print(Text(f"{group} in {environment.subscription} holds {len(held)} resources:"))
    for each in held:
        out.print(Text(f"  {each.get('type')}  {each.get('name')}"))
    if not args.yes:
        confirm("All of it goes, telemetry, predictions and models too.", environment.name)
    environment.cli.do("group", "delete", "--name", group, "--yes", time_limit=TIME_LIMIT)
    environment.cli.do("deployment", "sub", "delete", "--name", environment.deployment, time_limit=TIME_LIMIT)
    out.print(Text(f"{group} and the deployment {environment.deployment} are deleted"))
