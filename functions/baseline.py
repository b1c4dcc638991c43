"""The baseline model: what `explain` shows beside the model that answers. It comes with the package."""

from __future__ import annotations

import logging
from functools import cache

from functions.errors import ModelError
from functions.scoring.manifest import read_registry
from functions.scoring.model import Model
from functions.scoring.scorer import Scorer
from functions.settings import settings

BASELINE = "baseline"
"""Alias of the baseline; without it the first version registered is taken."""

_log = logging.getLogger(__name__)


@cache
def baseline() -> Scorer | None:
    """Return the baseline's scorer; None when it cannot be loaded, which is logged."""
    folder = settings().models_folder
    try:
        registry = read_registry(folder)
        if BASELINE not in registry.aliases and not registry.versions:
            return None
        version = registry.aliases.get(BASELINE) or registry.versions[0]
        return Scorer(Model.load(folder, version))
    except ModelError as error:
        _log.error("the baseline is not shown: %s", error.detail)
        return None
