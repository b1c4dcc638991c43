"""The models this process answers with: loaded at the first use, shared by all functions."""

from __future__ import annotations

import logging
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

from functions.scoring.model.manifest import read_registry
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Scorer
from functions.serving.served_models import UNREGISTERED, ServedModels
from functions.settings import settings

if TYPE_CHECKING:
    from pathlib import Path

    from functions.serving.container_models import ContainerModels

CONTAINER = "container"
"""Value of the setting MODELS_SOURCE."""

_log = logging.getLogger(__name__)
_lock = Lock()


def scorer() -> Scorer:
    """Return the scorer of the model that the settings name: by default the champion.

    A failure is not remembered, so the next call tries again. Take it once for one piece of work: between two
    calls the champion may change.

    Raises
    ------
    ModelError
        The version is missing, damaged or does not score as recorded.
    """
    return _serving().scorer


def newest() -> ServedModels:
    """Return the models in use after a look at the registry that is due; ModelError as `scorer`.

    For a file, whose outputs stay.
    """
    return _serving(newest=True)


def baseline() -> Scorer | None:
    """Return the scorer that explanations are compared with: the alias ``baseline``, else the first version.

    None when that version answers already or cannot be loaded, which is logged. ModelError as `scorer`.
    """
    return _serving().baseline()


def scorer_of(version: str) -> Scorer:
    """Return the scorer of a version, whatever the aliases say; ModelError when it cannot be loaded."""
    return _serving().of_version(version)


def aliases() -> dict[str, str]:
    """Return the versions of the registry in use by alias; ModelError as `scorer`."""
    return dict(_serving().aliases)


def _serving(*, newest: bool = False) -> ServedModels:
    with _lock:
        if settings().models_source != CONTAINER:
            return _package()
        models = _container()
    return models.current(newest=newest)


@lru_cache(maxsize=1)
def _package() -> ServedModels:
    """Load from the deployed package, where nothing changes while the process runs."""
    chosen = settings()
    folder = chosen.models_folder
    registry = read_registry(folder)
    answering = registry.resolve(chosen.model)
    if answering not in registry.manifests:
        _log.warning(UNREGISTERED, answering, folder.name)
    return ServedModels(
        _scorer(folder, answering),
        registry,
        lambda version: _scorer(folder, version),
    )


@lru_cache(maxsize=1)
def _container() -> ContainerModels:
    # Imported here: a packaged model is served without the storage client.
    from functions.serving.container_models import ContainerModels
    from functions.storage.accounts import blob_service
    from functions.storage.model_store import ModelStore

    chosen = settings()
    return ContainerModels(ModelStore(blob_service()), chosen.model, chosen.models_refresh_seconds)


def _scorer(folder: Path, version: str) -> Scorer:
    return Scorer(Model.load(folder, version))
