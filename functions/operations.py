"""Blueprint of the operational functions: alive, ready, and what the model is."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import azure.functions as func
import msgspec
from msgspec import Meta

from functions.answers import json_answer
from functions.http.endpoints import endpoint
from functions.http.errors import NotReadyError
from functions.http.exchange import Exchange
from functions.readiness import Readiness, model_check, storage_check
from functions.scoring.model.features import Feature
from functions.scoring.model.manifest import Thresholds
from functions.serving import aliases, scorer

blueprint = func.Blueprint()  # type: ignore[no-untyped-call]


class Health(msgspec.Struct, frozen=True):
    """The app answers."""

    status: Annotated[Literal["ok"], Meta(description="Another state is answered with 503.")]
    model_version: Annotated[str, Meta(description="The model version that answers.")]


class ModelDescription(msgspec.Struct, frozen=True):
    """The model that answers: its manifest without what serves machines (golden rows, histograms)."""

    version: Annotated[str, Meta(description="Its name in the registry.")]
    aliases: Annotated[list[str], Meta(description="Aliases that point to it.")]
    algorithm: Annotated[str, Meta(description="What the model is, in words.")]
    horizon_days: Annotated[int, Meta(description="Days a forecast looks ahead.")]
    features: Annotated[
        list[Feature], Meta(description="The model's input, in order, with units and ranges.")
    ]
    evidence: Annotated[
        list[int],
        Meta(description="SMART attributes that speak about failure; a drive with none of them is unknown."),
    ]
    thresholds: Annotated[Thresholds, Meta(description="Probabilities from which a risk level starts.")]
    base_rate: Annotated[float, Meta(description="Share of drive-days of the test period before a failure.")]
    metrics: Annotated[dict[str, Any], Meta(description="Headline figures with their protocol.")]
    lineage: Annotated[
        dict[str, Any], Meta(description="What it was trained on: sources, digests, dates, rows.")
    ]
    libraries: Annotated[dict[str, str], Meta(description="Versions it was made with.")]
    files: Annotated[dict[str, str], Meta(description="sha256 of the version's files.")]


@endpoint(blueprint, "GET", "health", answer=Health, anonymous=True, limited=False)
def health(exchange: Exchange) -> func.HttpResponse:  # noqa: ARG001
    """Say that the app is alive, and with which model."""
    return json_answer(Health("ok", scorer().model.version))


@endpoint(blueprint, "GET", "ready", answer=Readiness, errors=(NotReadyError,), limited=False)
def ready(exchange: Exchange) -> func.HttpResponse:  # noqa: ARG001
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
def model(exchange: Exchange) -> func.HttpResponse:  # noqa: ARG001
    """Describe the model that answers.

    Version and aliases, features with units and ranges, thresholds, metrics with their protocol, lineage.
    """
    manifest = scorer().model.manifest
    named = sorted(alias for alias, version in aliases().items() if version == manifest.version)
    own = {name: getattr(manifest, name) for name in ModelDescription.__struct_fields__ if name != "aliases"}
    return json_answer(ModelDescription(aliases=named, **own))
