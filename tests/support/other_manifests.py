"""A loaded model as if its manifest said something else."""

from __future__ import annotations

from typing import Any

import msgspec

from functions.scoring.model.manifest import ScopeCalibration, SimilarDrives, Thresholds
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.quality import LevelQuality, ProbabilityBand, ScopeQuality
from functions.scoring.model.scorer import Scorer

CALIBRATED = SimilarDrives(ScopeCalibration(0.7, -0.4), Thresholds(0.03, 0.1, 0.3))
"""How similar drives might be answered."""

QUALITY = ScopeQuality(
    protocol="Out-of-fold scores of 2015.",
    drives=30_000,
    failing=120,
    prevalence=0.004,
    levels={
        "medium": LevelQuality(0.01, 0.2, 0.6, (0.15, 0.25), (0.5, 0.7), 212.0, 27.0),
        "critical": LevelQuality(0.5, None, 0.0, None, (0.0, 0.1), 0.0, 0.0),
    },
    bands=[
        ProbabilityBand(0.0, 0.01, 900_000, 60.0, 66, (0.9, 1.3)),
        ProbabilityBand(0.01, 0.1, 0, 0.0, 0),
    ],
)
"""How good the forecasts of a scope might have proved to be; of no drive at the level critical."""


def with_manifest(scorer: Scorer, **changes: Any) -> Scorer:
    """Return the scorer of the same model with some fields of its manifest replaced."""
    model = scorer.model
    return Scorer(Model(msgspec.structs.replace(model.manifest, **changes), model._session, model.folder))
