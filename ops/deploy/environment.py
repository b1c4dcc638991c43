"""An environment: its name, its parameters, and what of it is in Azure."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ops.app.azure_cli import AzureCli
from ops.app.target import Target
from ops.deploy import resources, variables
from ops.deploy.resources import APP, RESOURCE_GROUP, STORAGE, URL

INFRA = Path("infra")
TEMPLATE = "main.bicep"


def add_environment_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options that name an environment."""
    parser.add_argument(
        "--env", required=True, metavar="NAME", help="environment, such as dev or prod; part of every name"
    )
    parser.add_argument(
        "--location",
        metavar="REGION",
        help=f"Azure region (default: {variables.LOCATION}, or {variables.DEFAULT_LOCATION})",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask; for pipelines")


def from_arguments(args: argparse.Namespace) -> Environment:
    """Return the environment that a command's options name.

    Raises
    ------
    OpsError
        The name cannot be one, or a variable holds what cannot be meant.
    """
    return Environment(
        variables.name(args.env), variables.location(args.location), variables.emails(), variables.principal()
    )


@dataclass(frozen=True)
class Environment:
    """One deployment of main.bicep.

    Parameters
    ----------
    name : str
        Part of every resource's name.
    emails : str
        Addresses that get alerts, with commas between them.
    given_principal : str
        Object id of who becomes an operator, if somebody said so.
    """

    name: str
    location: str = variables.DEFAULT_LOCATION
    emails: str = ""
    given_principal: str = ""
    folder: Path = field(default_factory=Path)

    @cached_property
    def cli(self) -> AzureCli:
        """The Azure CLI, with the variables that the parameter file reads."""
        return AzureCli(
            environment={
                variables.NAME: self.name,
                variables.LOCATION: self.location,
                variables.EMAILS: self.emails,
            }
        )

    @property
    def deployment(self) -> str:
        """Name of the deployment at subscription scope; Azure ties it to its first region."""
        return f"drivecast-{self.name}"

    @property
    def parameters(self) -> Path:
        """The environment's own parameter file, if there is one, else main.bicepparam."""
        own = INFRA / f"{self.name}.bicepparam"
        return own if (self.folder / own).is_file() else INFRA / "main.bicepparam"

    @cached_property
    def account(self) -> dict[str, Any]:
        """The person signed in, and the subscription."""
        found: dict[str, Any] = self.cli.ask("account", "show")
        return found

    @property
    def subscription(self) -> str:
        """The subscription's name, for people."""
        return str(self.account.get("name") or self.account.get("id"))

    @cached_property
    def principal(self) -> str:
        """Object id of who deploys, for the operator's roles; empty where nobody says, as in a pipeline."""
        if self.given_principal:
            return self.given_principal
        if self.signed_in != "user":
            return ""
        return str(self.cli.ask("ad", "signed-in-user", "show", "--query", "id") or "")

    @property
    def signed_in(self) -> str:
        """The type of who is signed in, as the Azure CLI names it: `user` or `servicePrincipal`."""
        return str((self.account.get("user") or {}).get("type") or "user")

    def outputs(self) -> dict[str, str]:
        """Return what there is, by the names of main.bicep's outputs; as of `resources.outputs`."""
        return resources.outputs(self.cli, self.name)

    def group(self) -> str:
        """Return the name of its resource group; as of `resources.group`."""
        return resources.group(self.cli, self.name)

    def target(self) -> Target:
        """Return the environment's app and storage account as the other commands know them."""
        values = self.outputs()
        return Target(
            values[URL], values[STORAGE], values[APP], values[RESOURCE_GROUP], self.folder, cli=self.cli
        )
