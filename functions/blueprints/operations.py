"""Blueprint of the operational functions: alive, ready, and what the model is."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Literal

import azure.functions as func
import msgspec
from msgspec import UNSET, Meta, UnsetType

from functions.errors import DrivecastError
from functions.http.endpoints import endpoint
from functions.http.errors import NotReadyError
from functions.http.request import Request
from functions.http.responses import json_answer
from functions.serving.model_description import ModelDescription, describe_model
from functions.serving.models import aliases, scorer

if TYPE_CHECKING:
    from collections.abc import Callable

STORAGE_SECONDS = 3
"""How long the storage account may take to answer."""


class Check(msgspec.Struct, frozen=True, omit_defaults=True):
    """The state of one part."""

    ok: Annotated[bool, Meta(description="True when it answers.")]
    latency_ms: Annotated[float, Meta(description="Duration of the check in milliseconds.", ge=0)]
    version: Annotated[str | UnsetType, Meta(description="Of the model.")] = UNSET
    code: Annotated[str | UnsetType, Meta(description="The code of the problem.")] = UNSET
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


blueprint = func.Blueprint()  # type: ignore[no-untyped-call]


class Health(msgspec.Struct, frozen=True):
    """The app answers."""

    status: Annotated[Literal["ok"], Meta(description="Another state is answered with 503.")]
    model_version: Annotated[str, Meta(description="The model version that answers.")]


@endpoint(blueprint, "GET", "health", answer=Health, anonymous=True, limited=False)
def health(request: Request) -> func.HttpResponse:  # noqa: ARG001
    """Say that the app is alive, and with which model."""
    return json_answer(Health("ok", scorer().model.version))


@endpoint(blueprint, "GET", "ready", answer=Readiness, errors=(NotReadyError,), limited=False)
def ready(request: Request) -> func.HttpResponse:  # noqa: ARG001
    """Say whether every part is there, and how long each took to answer.

    The model is loaded, verified against its digests and asked for its golden rows; the storage account is
    asked for a container.
    """
    checks = {"model": model_check(), "storage": storage_check()}
    absent = [name for name, check in checks.items() if not check.ok]
    if absent:
        msg = f"{' and '.join(absent)} cannot be used; see checks."
        raise NotReadyError(msg, {name: msgspec.to_builtins(check) for name, check in checks.items()})
    return json_answer(Readiness("ready", **checks))


@endpoint(blueprint, "GET", "model", answer=ModelDescription)
def model(request: Request) -> func.HttpResponse:  # noqa: ARG001
    """Describe the model that answers.

    Version and aliases, the drive models it was trained on, how good its forecasts of each scope's drives
    proved to be, features with units and ranges, thresholds, metrics with their protocol, lineage.
    """
    manifest = scorer().model.manifest
    named = sorted(alias for alias, version in aliases().items() if version == manifest.version)
    return json_answer(describe_model(manifest, named))
