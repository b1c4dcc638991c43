from __future__ import annotations

import pytest

from tests.training.probes.small_evaluation import evidence, two_fleets
from training.probes.evidence import Evidence


@pytest.fixture(scope="package")
def honest() -> Evidence:
    return evidence()


@pytest.fixture(scope="package")
def mixture() -> Evidence:
    return two_fleets()
