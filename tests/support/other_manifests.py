"""A loaded model as if its manifest said something else."""

from __future__ import annotations

from typing import Any

import msgspec

from functions.scoring.model.manifest import ScopeCalibration, SimilarDrives, Thresholds
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Scorer

CALIBRATED = SimilarDrives(ScopeCalibration(0.7, -0.4), Thresholds(0.03, 0.1, 0.3))
"""How similar drives might be answered."""


def with_manifest(scorer: Scorer, **changes: Any) -> Scorer:
    """Return the scorer of the same model with some fields of its manifest replaced."""
    model = scorer.model
    return Scorer(Model(msgspec.structs.replace(model.manifest, **changes), model._session, model.folder))
