from __future__ import annotations

import pytest

from tests.training.probes.small_evaluation import evidence
from training.probes.evidence import Evidence


@pytest.fixture(scope="package")
def honest() -> Evidence:
    return evidence()
