"""The small model, loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Scorer


@pytest.fixture(scope="session")
def scorer(small_models: Path) -> Scorer:
    return Scorer(Model.load(small_models))


@pytest.fixture(scope="session")
def engine(scorer: Scorer) -> CsvEngine:
    """An engine that takes any share of rejects."""
    return CsvEngine(scorer, threads=2, max_reject_share=1.0)
