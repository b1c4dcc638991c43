"""The options of a training run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from functions.scoring.model.manifest import CHAMPION
from training.protocol.labels import HORIZON_DAYS


class WeightedPath(NamedTuple):
    """Telemetry of another fleet and what each of its rows weighs in training, above 0 and at most 1."""

    path: Path
    weight: float


@dataclass(frozen=True)
class Options:
    """The options of ``python -m training train``, by the same names.

    Attributes
    ----------
    data : tuple of Path
        Telemetry of the fleet to forecast for.
    baseline_version : str or None
        Baseline version to write beside it, unless it exists; None for none.
    models : Path
        Folder of model versions.
    alias : str or None
        Alias of the new version; None for none.
    extra_data : tuple of WeightedPath
        Other fleets: the linear member is trained on them too, and drives of other models are calibrated on
        them. Validation, test and the thresholds of the main fleet's models are of ``data`` alone.
    compare_with : str or None
        Registered version that is scored on the same windows; None for none.
    also_evaluate : tuple of Path
        Other fleets, scored but never trained on.
    seeds : int
        How many seeds the forward test is repeated with, ``seed`` the first of them.
    horizon : int
        Days.
    """

    data: tuple[Path, ...]
    version: str
    baseline_version: str | None = "v1"
    models: Path = Path("models")
    alias: str | None = CHAMPION
    extra_data: tuple[WeightedPath, ...] = ()
    also_evaluate: tuple[Path, ...] = ()
    compare_with: str | None = None
    seed: int = 0
    seeds: int = 5
    horizon: int = HORIZON_DAYS
    search: bool = True
    refit: bool = True
    quiet: bool = False
