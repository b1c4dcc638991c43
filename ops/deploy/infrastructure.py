"""infra/main.bicep: what it would change, and changing it."""

from __future__ import annotations

from dataclasses import replace

from ops.app.azure_cli import AzureCli
from ops.deploy import variables
from ops.deploy.environment import INFRA, TEMPLATE, Environment

TIME_LIMIT = 3600.0
"""Seconds. A first deployment takes some five minutes; private endpoints and zones take longer."""


def what_if(environment: Environment) -> None:
    """Show what the deployment would change. Changes nothing, and asks for no right to change anything."""
    # Else Azure refuses who may not write what is looked at, and a pull request's identity may only read.
    _cli(environment).show(
        "deployment", "sub", "what-if", *_arguments(environment), "--validation-level", "ProviderNoRbac"
    )


def deploy(environment: Environment) -> None:
    """Deploy."""
    _cli(environment).do("deployment", "sub", "create", *_arguments(environment), time_limit=TIME_LIMIT)


def _arguments(environment: Environment) -> list[str]:
    return [
        *("--name", environment.deployment),
        *("--location", environment.location),
        *("--template-file", str(environment.folder / INFRA / TEMPLATE)),
        *("--parameters", str(environment.folder / environment.parameters)),
    ]


def _cli(environment: Environment) -> AzureCli:
    """Return the CLI that tells the parameter file who deploys, and so is to see the storage account."""
    who = {
        variables.PRINCIPAL: environment.principal,
        variables.PRINCIPAL_TYPE: variables.principal_type(environment.signed_in),
    }
    return replace(environment.cli, environment={**environment.cli.environment, **who})
