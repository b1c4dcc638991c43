"""Delete an environment from Azure: its resource group with everything in it, telemetry and models too."""

from __future__ import annotations

import argparse

from rich.text import Text

from ops.console import console
from ops.deploy.confirm import confirm
from ops.deploy.environment import add_environment_arguments, from_arguments

TIME_LIMIT = 3600.0
"""Seconds; deleting private endpoints and a virtual network takes a while."""

VAULT = "microsoft.keyvault/vaults"
KEPT = (
    "The Key Vault {vault} can be brought back for its retention time, and nothing else can take its name "
    "before: to deploy this environment again, first run `az group create --name {group} --location "
    "{location}` and `az keyvault recover --name {vault}`"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_environment_arguments(parser)


def run(args: argparse.Namespace) -> None:
    """Show what is there, ask, and delete it.

    Raises
    ------
    OpsError
        The environment is not there, or nobody confirms.
    """
    environment = from_arguments(args)
    out = console()
    group = environment.group()
    held = environment.cli.ask("resource", "list", "--resource-group", group) or []
    out.print(Text(f"{group} in {environment.subscription} holds these resources ({len(held)}):"))
    for each in held:
        out.print(Text(f"  {each.get('type')}  {each.get('name')}"))
    for each in held:
        if str(each.get("type", "")).lower() == VAULT:
            out.print(Text(KEPT.format(vault=each["name"], group=group, location=each["location"])))
    if not args.yes:
        confirm("All of it goes, telemetry, predictions and models too.", environment.name)
    environment.cli.do("group", "delete", "--name", group, "--yes", time_limit=TIME_LIMIT)
    environment.cli.do("deployment", "sub", "delete", "--name", environment.deployment, time_limit=TIME_LIMIT)
    out.print(Text(f"{group} and the deployment {environment.deployment} are deleted"))
