"""Blueprint of the operational functions: health, and what the model is."""

from __future__ import annotations

import azure.functions as func
import msgspec

from functions.answers import answering, json_answer
from functions.scoring.manifest import read_registry
from functions.serving import scorer
from functions.settings import settings

blueprint = func.Blueprint()  # type: ignore[no-untyped-call]

HIDDEN = ("golden", "histograms", "format")
"""Parts of a manifest that serve machines; left out of the answer for people."""


@blueprint.function_name("health")
@blueprint.route(route="health", methods=[func.HttpMethod.GET], auth_level=func.AuthLevel.ANONYMOUS)
@answering
def health(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001
    """Say that the app answers, and with which model."""
    return json_answer({"status": "ok", "model_version": scorer().model.version})


@blueprint.function_name("model")
@blueprint.route(route="model", methods=[func.HttpMethod.GET])
@answering
def model(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001
    """Describe the model that answers: features, thresholds, metrics with their protocol, lineage."""
    manifest = scorer().model.manifest
    aliases = read_registry(settings().models_folder).aliases
    document = {name: value for name, value in msgspec.to_builtins(manifest).items() if name not in HIDDEN}
    named = sorted(alias for alias, version in aliases.items() if version == manifest.version)
    return json_answer({"version": manifest.version, "aliases": named, **document})
