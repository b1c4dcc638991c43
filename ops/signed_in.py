"""The identity that reaches an account in Azure: whoever is signed in on this machine."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from ops.errors import OpsError

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken

CLI_SECONDS = 30
"""The Azure CLI takes some seconds to start where it has not run for long; the SDK waits 10."""


class SignedIn:
    """A credential of the SDK's clients: what the environment holds, else `az login`, else `azd auth login`.

    `DefaultAzureCredential` also looks for what only machines in Azure have, and the storage clients try
    again when it fails: a minute and a half and two pages of text until it is said that nobody is signed in.
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
            Nobody is signed in. Not the SDK's own error: the storage clients would try again.
        """
        from azure.core.exceptions import ClientAuthenticationError

        try:
            return self._chain.get_token(*scopes, **options)
        except ClientAuthenticationError:
            raise OpsError(
                "nobody is signed in to Azure on this machine, or no longer: run `az login` (the Azure CLI "
                "is at https://aka.ms/azure-cli)"
            ) from None
