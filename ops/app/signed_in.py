"""The identity that reaches an account in Azure: whoever is signed in on this machine."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from ops.errors import OpsError

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken

CLI_SECONDS = 30
"""The Azure CLI takes some seconds to start where it has not run for long; the SDK waits 10."""

STORAGE = "https://storage.azure.com/.default"
"""The scope of blobs and queues."""

_REFUSALS = {
    "AADSTS700024": (
        "the sign-in is too old for a token of another service; sign in again (`az login`; in a workflow "
        "azure/login right before the step)"
    ),
    "AADSTS65001": (
        "the Azure CLI has no consent to ask for it; sign in with `az login --scope {}/.default`, or have "
        "the app registration know the Azure CLI (docs/deploy.md, Entra ID in front of the app)"
    ),
    "AADSTS500011": "the tenant has no service principal of it; make one with `az ad sp create --id {}`",
    "AADSTS50105": "the signed-in identity is not assigned to it; have it assigned in Entra ID",
}
"""Entra ID's refusals of a token, and advice; {} is the audience."""


class SignedIn:
    """A credential of the SDK's clients: the environment's, else `az login`'s, else `azd auth login`'s.

    `DefaultAzureCredential` also looks for credentials of machines in Azure, and the storage clients try
    again when it fails: a minute and a half and two pages of text before they say that nobody is signed in.
    """

    def __init__(self) -> None:
        from azure.identity import (
            AzureCliCredential,
            AzureDeveloperCliCredential,
            ChainedTokenCredential,
            EnvironmentCredential,
        )

        # Its warnings repeat what the error below says.
        logging.getLogger("azure.identity").setLevel(logging.ERROR)
        self._chain = ChainedTokenCredential(
            EnvironmentCredential(),
            AzureCliCredential(process_timeout=CLI_SECONDS),
            AzureDeveloperCliCredential(process_timeout=CLI_SECONDS),
        )

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        """Return a token.

        Raises
        ------
        OpsError
            Nobody is signed in, or Entra ID gives no token for this. Not the SDK's own error: the storage
            clients would try again.
        """
        from azure.core.exceptions import ClientAuthenticationError

        try:
            return self._chain.get_token(*scopes, **options)
        except ClientAuthenticationError as error:
            audience = scopes[0].removesuffix("/.default")
            for code, sentence in _REFUSALS.items():
                if code in error.message:
                    raise OpsError(f"no token for {audience} ({code}): {sentence.format(audience)}") from None
            raise OpsError(
                "nobody is signed in to Azure on this machine, or no longer: run `az login` (the Azure CLI "
                "is at https://aka.ms/azure-cli)"
            ) from None
