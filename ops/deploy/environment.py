"""An environment: its name, its parameters, and what main.bicep put out when it was deployed last."""

from __future__ import annotations

import argparse
import os
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ops.azure_cli import AzureCli
from ops.errors import OpsError
from ops.target import Target

INFRA = Path("infra")
TEMPLATE = "main.bicep"
LOCATION = "westeurope"

NAME_VARIABLE = "AZURE_ENV_NAME"
LOCATION_VARIABLE = "AZURE_LOCATION"
PRINCIPAL_VARIABLE = "AZURE_PRINCIPAL_ID"
"""Object id of who becomes an operator; read by infra/main.bicepparam, as are the other two."""

RESOURCE_GROUP, APP, URL, STORAGE = (
    "AZURE_RESOURCE_GROUP",
    "DRIVECAST_APP",
    "DRIVECAST_URL",
    "DRIVECAST_STORAGE",
)
"""Outputs of main.bicep that are used here; the hooks use more."""

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,18}[a-z0-9])")
"""2 to 20 characters, as main.bicep's parameter, and fit for the names of apps."""

NOT_FOUND = "DeploymentNotFound"
"""Azure's code for a deployment that was never made."""


class NotDeployedError(OpsError):
    """The environment is not there."""


def add_environment_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options that name an environment."""
    parser.add_argument(
        "--env", required=True, metavar="NAME", help="environment, such as dev or prod; part of every name"
    )
    parser.add_argument(
        "--location", metavar="REGION", help=f"Azure region (default: {LOCATION_VARIABLE}, or {LOCATION})"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask; for pipelines")


def from_arguments(args: argparse.Namespace) -> Environment:
    """Return the environment that a command's options name.

    Raises
    ------
    OpsError
        The name cannot be one.
    """
    if not _NAME.fullmatch(args.env):
        raise OpsError(
            f"--env is {args.env!r}; expected 2 to 20 small letters, digits and dashes, such as dev"
        )
    return Environment(args.env, args.location or os.environ.get(LOCATION_VARIABLE) or LOCATION)


@dataclass(frozen=True)
class Environment:
    """One deployment of main.bicep.

    Parameters
    ----------
    name : str
        Part of every resource's name.
    location : str
        Azure region.
    folder : Path
        The project's folder.
    """

    name: str
    location: str = LOCATION
    folder: Path = field(default_factory=Path)

    @cached_property
    def cli(self) -> AzureCli:
        """The Azure CLI, with the variables that the parameter file reads."""
        return AzureCli(environment={NAME_VARIABLE: self.name, LOCATION_VARIABLE: self.location})

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
        """Who is signed in, and to which subscription."""
        found: dict[str, Any] = self.cli.ask("account", "show")
        return found

    @property
    def subscription(self) -> str:
        """The subscription's name, for people."""
        return str(self.account.get("name") or self.account.get("id"))

    @cached_property
    def principal(self) -> str | None:
        """Object id of who deploys, for the operator's roles; None where nobody says, as in a pipeline."""
        if given := os.environ.get(PRINCIPAL_VARIABLE):
            return given
        if (self.account.get("user") or {}).get("type") != "user":
            return None
        found = self.cli.ask("ad", "signed-in-user", "show", "--query", "id")
        return str(found) if found else None

    def outputs(self) -> dict[str, str]:
        """Ask for main.bicep's outputs, by their names.

        Raises
        ------
        NotDeployedError
            The environment was never deployed, or not to the end.
        OpsError
            The Azure CLI could not be asked.
        """
        try:
            found = self.cli.ask(
                "deployment", "sub", "show", "--name", self.deployment, "--query", "properties.outputs"
            )
        except OpsError as error:
            if NOT_FOUND not in str(error):
                raise
            raise NotDeployedError(
                f"environment {self.name} is not there; `python -m ops deploy --env {self.name} "
                "--step infra` makes it"
            ) from None
        # Azure writes the first letters of an output's name small (azurE_RESOURCE_GROUP).
        values = {name.upper(): str(item["value"]) for name, item in (found or {}).items()}
        if missing := [name for name in (RESOURCE_GROUP, APP, URL, STORAGE) if not values.get(name)]:
            raise NotDeployedError(
                f"the deployment {self.deployment} has no output {', '.join(missing)}: it did not come to "
                f"its end; run `python -m ops deploy --env {self.name} --step infra` again"
            )
        return values

    def target(self) -> Target:
        """Return the environment's app and storage account as the other commands know them."""
        values = self.outputs()
        return Target(
            values[URL], values[STORAGE], values[APP], values[RESOURCE_GROUP], self.folder, self.cli
        )
