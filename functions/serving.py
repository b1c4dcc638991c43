"""The model this process answers with: loaded at the first use, shared by all functions."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock

from functions.scoring.model import Model
from functions.scoring.scorer import Scorer
from functions.settings import settings

_lock = Lock()


@lru_cache(maxsize=1)
def _load() -> Scorer:
    chosen = settings()
    return Scorer(Model.load(chosen.models_folder, chosen.model))


def scorer() -> Scorer:
    """Return the scorer of the model that the settings name.

    A failure is not remembered, so that the next call tries again.

    Raises
    ------
    ModelError
        The version is missing, damaged or does not score as recorded.
    """
    with _lock:
        return _load()
