"""Frequent refusals of Azure, in a sentence that names what is missing and the command that mends it.

The wording that is looked for is Azure Resource Manager's.
"""

from __future__ import annotations

import re

from ops.app import remedies

SHOWN = 400
"""Characters of a refusal that are repeated in a message."""

_REFUSALS = {
    r"with object id '(?P<who>[^']+)' does not have authorization to perform action '(?P<what>[^']+)'.*?"
    r"over scope '(?P<where>[^']+)'": (
        "the signed-in identity ({who}) may not do {what}: have somebody give the role (docs/deploy.md says "
        "which step takes which) with `az role assignment create --assignee {who} --role ROLE "
        "--scope {where}`; a new role takes up to ten minutes"
    ),
    r"vault with the same name already exists in deleted state": (
        "this environment's Key Vault was deleted, and its name is kept for its retention time: find it with "
        "`az keyvault list-deleted --output table`, bring it back with `az keyvault recover --name NAME`, "
        "and deploy again"
    ),
    r"subscription is not registered to use namespace '(?P<what>[^']+)'": (
        "the subscription does not know the resource provider {what}: run `az provider register --namespace "
        "{what} --wait` and try again"
    ),
    r"\(InvalidDeploymentLocation\).* already exists in location '(?P<where>[^']+)'": (
        "the environment was deployed to {where} first, and Azure keeps its deployment there: say "
        "`--location {where}`, or take another environment's name, `python -m ops deploy --env <another> "
        "--location <other>` (docs/deploy.md, Another region)"
    ),
    r"\(ResourceGroupNotFound\) Resource group '(?P<what>[^']+)'": (
        "there is no resource group {what} in this subscription: look at `az account show`, or make it with "
        + remedies.INFRA
    ),
    r"\(SubscriptionNotFound\)|subscription of '[^']*' doesn't exist": (
        "the signed-in identity has no such subscription: choose with `az account set --subscription NAME`"
    ),
    r"AADSTS700024": (
        "the sign-in is too old for a token of another service: sign in again (`az login`; in a workflow "
        "azure/login right before the step)"
    ),
}


def explain(asked: str, stderr: str) -> str:
    """Return the line for a person."""
    for pattern, sentence in _REFUSALS.items():
        if found := re.search(pattern, stderr):
            return f"`{asked}` failed: {sentence.format(**found.groupdict())}"
    return f"`{asked}` failed: {stderr[:SHOWN]}"
