"""Some random bodies, from one seed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.campaigns.bodies import Bodies
from tests.campaigns.campaign import run

TRIES = 150


@pytest.mark.slow
def test_bodies(small_models: Path, tmp_path: Path) -> None:
    with Bodies(small_models, tmp_path) as campaign:
        result = run(campaign, 19, tries=TRIES)
    assert result.breach is None, result.breach.story
    assert {
        "drives forecast",
        "drives invalid_telemetry",
        "feature tables",
        "bodies 200",
    } <= result.outcomes.keys()
