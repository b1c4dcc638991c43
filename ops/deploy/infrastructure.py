"""infra/main.bicep: what it would change, and changing it."""

from __future__ import annotations

from dataclasses import replace

from ops.azure_cli import AzureCli
from ops.deploy.environment import APP, INFRA, PRINCIPAL_VARIABLE, TEMPLATE, Environment

TIME_LIMIT = 3600.0
"""Seconds. A first deployment takes some five minutes; private endpoints and zones take longer."""


def what_if(environment: Environment) -> None:
    """Show what the deployment would change. Changes nothing."""
    _cli(environment).show("deployment", "sub", "what-if", *_arguments(environment))


def deploy(environment: Environment) -> str:
    """Deploy, and return the name of the app that is there now."""
    _cli(environment).do("deployment", "sub", "create", *_arguments(environment), time_limit=TIME_LIMIT)
    return environment.outputs()[APP]


def _arguments(environment: Environment) -> list[str]:
    return [
        *("--name", environment.deployment),
        *("--location", environment.location),
        *("--template-file", str(environment.folder / INFRA / TEMPLATE)),
        *("--parameters", str(environment.folder / environment.parameters)),
    ]


def _cli(environment: Environment) -> AzureCli:
    """Return the CLI that tells the parameter file who deploys, and so is to see the storage account."""
    if not (principal := environment.principal):
        return environment.cli
    return replace(
        environment.cli, environment={**environment.cli.environment, PRINCIPAL_VARIABLE: principal}
    )
