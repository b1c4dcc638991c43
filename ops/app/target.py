"""The app and the storage account a command of ops works on: one way to name them, for all commands.

By default they are those of `make start`: devhost at http://localhost:7071 and its Azurite. ``--account`` and
``--app`` with ``--resource-group`` name an app in Azure, reached as the person who is signed in.
``--storage`` takes what it takes in training. A connection string is better given in the environment variable
``AzureWebJobsStorage``, where it stands in no shell history and no process list; neither it nor a key is ever
printed.
"""

from __future__ import annotations

import argparse
import os
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

from ops.app import remedies, storage_account
from ops.app.azure_cli import AzureCli
from ops.app.signed_in import STORAGE, SignedIn
from ops.errors import OpsError

CONNECT_SECONDS = 4.0
"""An app that takes no connection for longer is not there."""

LOCAL_URL = "http://localhost:7071"
KEY_VARIABLE = "DRIVECAST_KEY"
"""Environment variable with a function key, for an app whose keys the signed-in person may not list."""

AUTHENTICATION_API = "2025-03-01"
"""Version of Azure's API that says how callers of an app are authenticated."""

_ACCOUNT_NAME = re.compile(r"[a-z0-9]{3,24}")
"""Azure's rule for the names of storage accounts."""

_ACCOUNT_ADDRESS = re.compile(r"https://([a-z0-9]{3,24})\.blob\.core\.windows\.net/?")


def add_target_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options that name a target."""
    group = parser.add_argument_group(
        "target",
        "Default: the app at http://localhost:7071 and its Azurite. A connection string is also taken from "
        f"the environment variable {storage_account.SETTING}, a function key from {KEY_VARIABLE} alone.",
    )
    group.add_argument("--url", help=f"where the app answers, without /api (default: {LOCAL_URL})")
    storage = group.add_mutually_exclusive_group()
    storage.add_argument(
        "--storage",
        metavar="TARGET",
        help="storage account: a connection string, or an address such as "
        "https://<account>.blob.core.windows.net for the identity signed in",
    )
    storage.add_argument("--account", metavar="NAME", help="the same as --storage with its address in Azure")
    group.add_argument("--app", metavar="NAME", help="function app in Azure, with --resource-group")
    group.add_argument("--resource-group", metavar="NAME", help="the function app's resource group")


def from_arguments(args: argparse.Namespace) -> Target:
    """Return the target that a command's options name.

    Raises
    ------
    OpsError
        The options contradict each other, or a name cannot be one.
    """
    if bool(args.app) != bool(args.resource_group):
        raise OpsError("--app and --resource-group go together: an app is found by both")
    if args.account and not _ACCOUNT_NAME.fullmatch(args.account):
        raise OpsError(
            f"--account is {args.account!r}; expected a storage account's name: 3 to 24 small letters and "
            "digits. A connection string or an address goes to --storage"
        )
    if args.url and (urlsplit(args.url).scheme not in ("http", "https") or not urlsplit(args.url).hostname):
        raise OpsError(f"--url is {args.url!r}; expected an address such as {LOCAL_URL}")
    url = args.url.rstrip("/").removesuffix("/api") if args.url else None
    address = _ACCOUNT_ADDRESS.fullmatch(args.storage or "")
    account = address[1] if address else args.account
    connection = None if address else args.storage
    if connection:
        storage_account.connect(connection, "--storage")
    return Target(url, account, args.app, args.resource_group, connection=connection)


@dataclass(frozen=True)
class Target:
    """An app and its storage account; reached when first used.

    Parameters
    ----------
    given_url : str or None
        Where the app answers, if somebody said so.
    account : str or None
        Name of a storage account in Azure.
    app, resource_group : str or None
        Both or neither: a function app in Azure.
    folder : Path
        The app's folder, for its local settings.
    connection : str or None
        Connection string of a storage account, if somebody gave one: a secret.
    """

    given_url: str | None = None
    account: str | None = None
    app: str | None = None
    resource_group: str | None = None
    folder: Path = Path()
    connection: str | None = field(default=None, repr=False)
    cli: AzureCli = field(default_factory=AzureCli)

    @property
    def in_azure(self) -> bool:
        """Whether Azure's control plane can be asked about the app."""
        return self.app is not None

    @property
    def is_local(self) -> bool:
        """Whether the app runs on this machine."""
        return not self.in_azure and urlsplit(self.url).hostname in ("localhost", "127.0.0.1", "::1")

    @property
    def has_storage(self) -> bool:
        """Whether it is known which storage account belongs to the app."""
        named = self.account or self.connection or os.environ.get(storage_account.SETTING)
        return bool(named) or self.in_azure or self.is_local

    @cached_property
    def url(self) -> str:
        """Where the app answers, without ``/api`` and slash."""
        if self.given_url:
            return self.given_url
        return f"https://{self.site['defaultHostName']}" if self.in_azure else LOCAL_URL

    @cached_property
    def site(self) -> dict[str, Any]:
        """The function app as the control plane describes it, its properties beside name and identity."""
        found = self.ask_about_app("functionapp", "show")
        # For a Flex Consumption app the CLI hands on the REST answer, which nests what others have flat.
        flat = {**found, **(found.get("properties") or {})}
        if not flat.get("defaultHostName"):
            raise OpsError(f"the Azure CLI describes {self.app} without a host name; update the Azure CLI")
        return flat

    @cached_property
    def app_settings(self) -> dict[str, str]:
        """The function app's settings in Azure; may hold secrets."""
        found = self.ask_about_app("functionapp", "config", "appsettings", "list")
        return {str(item["name"]): str(item["value"] or "") for item in found}

    @cached_property
    def keys(self) -> dict[str, Any]:
        """The function app's keys in Azure, by kind: secrets."""
        found: dict[str, Any] = self.ask_about_app("functionapp", "keys", "list")
        return found

    @cached_property
    def audience(self) -> str | None:
        """The audience of a token for the app, where Entra ID is in front of it; None where it is not."""
        if not self.in_azure:
            return None
        found = self.cli.ask(
            *("resource", "show", "--resource-group", str(self.resource_group)),
            *("--namespace", "Microsoft.Web", "--parent", f"sites/{self.app}"),
            *("--resource-type", "config", "--name", "authsettingsV2", "--api-version", AUTHENTICATION_API),
        )
        settings = found.get("properties") or {}
        if not (settings.get("platform") or {}).get("enabled"):
            return None
        provider = (settings.get("identityProviders") or {}).get("azureActiveDirectory") or {}
        client_id = (provider.get("registration") or {}).get("clientId")
        return str(client_id) if provider.get("enabled") and client_id else None

    @cached_property
    def http(self) -> httpx.Client:
        """A client of the app, with a function key where one is known and a token where one is asked for."""
        headers = {}
        key = os.environ.get(KEY_VARIABLE)
        if not key and self.in_azure:
            key = (self.keys.get("functionKeys") or {}).get("default")
        if key:
            headers["x-functions-key"] = key
        if self.audience:
            token = SignedIn().get_token(f"{self.audience}/.default").token
            headers["Authorization"] = f"Bearer {token}"
        return http_client(self.url, headers)

    def sign_in(self) -> None:
        """Get a token of every service that is called, so that none is asked for when a sign-in is old.

        A pipeline's sign-in is good for five minutes, its tokens for an hour; the Azure CLI keeps them.

        Raises
        ------
        OpsError
            Nobody is signed in, or there is no token for one of them.
        """
        if self.account_name:
            SignedIn().get_token(STORAGE)
        if self.audience:
            SignedIn().get_token(f"{self.audience}/.default")

    @cached_property
    def account_name(self) -> str | None:
        """The storage account in Azure; None where a connection string says which."""
        given = self.account or self.connection or os.environ.get(storage_account.SETTING)
        if given or not self.in_azure:
            return self.account
        setting = storage_account.SETTING
        name = self.app_settings.get(f"{setting}__accountName", "")
        host = urlsplit(self.app_settings.get(f"{setting}__blobServiceUri", "")).hostname or ""
        if not (found := name or host.partition(".")[0]):
            raise OpsError(
                f"the app {self.app} has no setting {setting}__blobServiceUri, so its storage account is not "
                f"known; deploy the infrastructure again ({remedies.INFRA}), or name it with --account"
            )
        return found

    @cached_property
    def blobs(self) -> BlobServiceClient:
        """A client of the blob service."""
        if name := self.account_name:
            url = f"https://{name}.blob.core.windows.net"
            return BlobServiceClient(url, credential=SignedIn(), **storage_account.client_options())
        return storage_account.connect(self._connection)

    @cached_property
    def queues(self) -> QueueServiceClient:
        """A client of the queue service."""
        options = storage_account.client_options()
        if name := self.account_name:
            url = f"https://{name}.queue.core.windows.net"
            return QueueServiceClient(url, credential=SignedIn(), **options)
        try:
            return QueueServiceClient.from_connection_string(self._connection, **options)
        except ValueError as error:
            raise OpsError(f"{storage_account.SETTING} is not a storage connection string: {error}") from None

    @property
    def _connection(self) -> str:
        return self.connection or storage_account.configured_connection(self.folder)

    def ask_about_app(self, *words: str, anew: bool = False) -> Any:
        """Return the Azure CLI's answer to a command about the app; with ``anew`` not one that was kept."""
        if not self.app or not self.resource_group:
            raise OpsError("this needs an app in Azure: name it with --app and --resource-group")
        ask = self.cli.ask_anew if anew else self.cli.ask
        return ask(*words, "--name", self.app, "--resource-group", self.resource_group)


def http_client(url: str, headers: dict[str, str] | None = None) -> httpx.Client:
    """Return a client for the few questions of a command; it keeps no connection open."""
    # The first request to an app that is scaled to zero waits for an instance, but not for a connection.
    timeout = httpx.Timeout(60.0, connect=CONNECT_SECONDS)
    return httpx.Client(
        base_url=url, headers=headers, timeout=timeout, limits=httpx.Limits(max_keepalive_connections=0)
    )
