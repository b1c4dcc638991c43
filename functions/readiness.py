"""Is everything there that the app needs: the model, verified, and the storage account."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from functions.errors import DrivecastError
from functions.serving import scorer

if TYPE_CHECKING:
    from collections.abc import Callable

STORAGE_SECONDS = 3
"""How long the storage account may take to answer."""


class Check(msgspec.Struct, frozen=True, omit_defaults=True):
    """The state of one part."""

    ok: Annotated[bool, Meta(description="Whether it answers.")]
    latency_ms: Annotated[float, Meta(description="How long the check took, in milliseconds.", ge=0)]
    version: Annotated[str | UnsetType, Meta(description="Of the model.")] = UNSET
    code: Annotated[str | UnsetType, Meta(description="What is wrong: the code of the problem.")] = UNSET
    detail: Annotated[str | UnsetType, Meta(description="The same in words.")] = UNSET


class Readiness(msgspec.Struct, frozen=True):
    """The state of every part."""

    status: Annotated[Literal["ready"], Meta(description="Another state is answered with 503.")]
    model: Annotated[Check, Meta(description="Loaded, digests and golden rows as recorded, and asked once.")]
    storage: Annotated[Check, Meta(description="The storage account answers.")]


def _check(part: Callable[[], str | UnsetType]) -> Check:
    start = perf_counter()

    def took() -> float:
        return round((perf_counter() - start) * 1e3, 3)

    try:
        version = part()
    except DrivecastError as error:
        return Check(False, took(), code=error.code, detail=error.detail)
    return Check(True, took(), version)


def model_check() -> Check:
    """Ask the model for its golden rows."""

    def ask() -> str:
        model = scorer().model
        model.check_golden_rows()
        return model.version

    return _check(ask)


def storage_check() -> Check:
    """Ask the storage account whether a container exists, without waiting long; either answer will do."""

    def ask() -> UnsetType:
        # Imported here: the first prediction does without the storage library.
        from azure.core.exceptions import AzureError

        from functions.storage.accounts import blob_service
        from functions.storage.containers import PREDICTIONS
        from functions.storage.errors import StorageError

        try:
            blob_service().get_container_client(PREDICTIONS).exists(
                retry_total=0, connection_timeout=STORAGE_SECONDS, read_timeout=STORAGE_SECONDS
            )
        except AzureError as error:
            msg = f"The storage account does not answer ({type(error).__name__})."
            raise StorageError(msg) from error
        return UNSET

    return _check(ask)
