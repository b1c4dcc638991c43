"""Azure's wording is that of Azure Resource Manager's errors as people have reported them."""

from __future__ import annotations

import re

import pytest

from ops.app.azure_refusals import SHOWN, explain

SCOPE = "/subscriptions/1/resourceGroups/rg-drivecast-dev/providers/Microsoft.Web/sites/func-drivecast-dev"

AUTHORIZATION = (
    "(AuthorizationFailed) The client 'a@b.example' with object id '22-33' does not have authorization to "
    f"perform action 'Microsoft.Web/sites/publish/action' over scope '{SCOPE}' or the scope is invalid. If "
    "access was recently granted, please refresh your credentials."
)
VAULT = (
    "(ConflictError) A vault with the same name already exists in deleted state. You need to either recover "
    "or purge existing key vault."
)
PROVIDER = (
    "(MissingSubscriptionRegistration) The subscription is not registered to use namespace 'Microsoft.App'. "
    "See https://aka.ms/rps-not-found for how to register subscriptions."
)
LOCATION = (
    "(InvalidDeploymentLocation) Invalid deployment location 'northeurope'. The deployment 'drivecast-dev' "
    "already exists in location 'westeurope'."
)
GROUP = "(ResourceGroupNotFound) Resource group 'rg-drivecast-dev' could not be found."
SUBSCRIPTION = "The subscription of 'x' doesn't exist in cloud 'AzureCloud'."
TOO_OLD = "AADSTS700024: Client assertion is not within its valid time range."


@pytest.mark.parametrize(
    ("output", "named"),
    [
        (AUTHORIZATION, f"`az role assignment create --assignee 22-33 --role ROLE --scope {SCOPE}`"),
        (VAULT, "`az keyvault recover --name NAME`"),
        (PROVIDER, "`az provider register --namespace Microsoft.App --wait`"),
        (LOCATION, "`--location westeurope`"),
        (LOCATION, "`python -m ops deploy --env <another> --location <other>`"),
        (GROUP, "`make deploy ENV=<environment> STEP=infra`"),
        (SUBSCRIPTION, "`az account set --subscription NAME`"),
        (TOO_OLD, "azure/login"),
    ],
)
def test_what_is_missing_is_named_with_the_command_that_mends_it(output: str, named: str) -> None:
    line = explain("az x", output)
    assert line.startswith("`az x` ")
    assert named in line


def test_anything_else_is_repeated_and_cut() -> None:
    assert re.fullmatch("`az x` .*: no such group", explain("az x", "no such group"))
    assert len(explain("az x", "y" * 5000)) == SHOWN + len("`az x` failed: ")
