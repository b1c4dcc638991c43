"""The containers of the account: their names, and making sure that they exist."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

from azure.core.exceptions import HttpResponseError, ResourceExistsError
from azure.storage.blob import BlobServiceClient, StorageErrorCode

from functions.storage.errors import ContainerMissingError

TELEMETRY = "telemetry"
"""Inputs. Watched by the blob trigger; never written by the app."""

PREDICTIONS = "predictions"
"""Published outputs."""

RUNS = "runs"
"""Where a run assembles its outputs; the lifecycle policy deletes those of dead runs."""

HISTORY = "history"
"""Slim per-day snapshots of the decoded counters."""

GIVEN_UP = "given-up"
"""A record of every file that was given up, until it is replayed."""

MODELS = "models"
"""Model versions published apart from the app."""

OUTPUTS = (PREDICTIONS, RUNS, HISTORY)
"""Every container the blob-triggered function writes to."""

_seen: set[str] = set()
"""Addresses of containers that were there."""


def ensure(service: BlobServiceClient, names: Iterable[str] = OUTPUTS) -> None:
    """Create the containers that are absent.

    On Azure they are provisioned and creating may be forbidden: an existing container is never an error. A
    process asks for each once, and again after `forget_missing`.

    Raises
    ------
    ContainerMissingError
        A container is absent and cannot be created with this identity.
    """
    for name in names:
        container = service.get_container_client(name)
        location = container.url.partition("?")[0]
        if location in _seen:
            continue
        # Asked first, because a refused creation shows up as an error in the account's logs at every start.
        if container.exists():
            _seen.add(location)
            continue
        try:
            container.create_container()
        except ResourceExistsError as error:
            if getattr(error, "error_code", None) != StorageErrorCode.CONTAINER_ALREADY_EXISTS:
                raise ContainerMissingError(
                    f"The container {name!r} cannot be created now; it is probably still being deleted "
                    f"({error.reason}). Wait a minute and send the file again."
                ) from error
        except HttpResponseError as error:
            if error.status_code != HTTPStatus.FORBIDDEN:
                raise
            raise ContainerMissingError(
                f"The container {name!r} does not exist in {service.account_name!r} and this app's identity "
                "may not create it. Deploy the infrastructure again, or create the container by hand."
            ) from error


def forget_missing(error: BaseException) -> bool:
    """Have `ensure` ask for every container again if *error* says one is gone; return whether it does."""
    gone = getattr(error, "error_code", None) == StorageErrorCode.CONTAINER_NOT_FOUND
    if gone:
        _seen.clear()
    return gone
