"""The champion of an environment that takes its models from the container `models`.

Where models come with the package (`MODELS_SOURCE` is `package`, the default) there is nothing to do: the
registry is deployed with the code, and comes back with earlier code.
"""

from __future__ import annotations

import subprocess
import sys

import msgspec
from azure.core.exceptions import ResourceNotFoundError

from functions.settings import MODELS_SOURCE, value_of
from functions.storage.containers import MODELS
from ops.app.target import Target
from ops.errors import OpsError

CHAMPION = "champion"
REGISTRY = "registry.json"


class _ModelsRegistry(msgspec.Struct):
    """The part of the registry that is read here."""

    aliases: dict[str, str] = msgspec.field(default_factory=dict)


def comes_from_container(target: Target) -> bool:
    """Return whether the deployed app takes its models from the container."""
    return value_of(MODELS_SOURCE, target.app_settings) == "container"


def champion(target: Target) -> str | None:
    """Return the container's champion, None without one or without a registry; OpsError if unreadable."""
    try:
        data = target.blobs.get_blob_client(MODELS, REGISTRY).download_blob().readall()
        return msgspec.json.decode(data, type=_ModelsRegistry).aliases.get(CHAMPION)
    except ResourceNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise OpsError(f"{REGISTRY} in the container {MODELS} cannot be read: {error}") from None


def publish(storage: str) -> None:
    """Upload the champion of models/ to *storage* and make it the container's."""
    _train("publish", CHAMPION, "--storage", storage, "--alias", CHAMPION)


def promote(storage: str, version: str) -> None:
    """Make a version that the container has its champion."""
    _train("promote", version, "--storage", storage)


def address(account: str) -> str:
    """Return a storage account's address, which stands for it with the identity that is signed in."""
    return f"https://{account}.blob.core.windows.net"


def _train(*arguments: str) -> None:
    done = subprocess.run(  # noqa: S603 (our own interpreter and module)
        [sys.executable, "-m", "training", *arguments], stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode != 0:
        # Not the arguments: a connection string may be among them.
        raise OpsError(f"`python -m training {arguments[0]}` failed; its message is above")
