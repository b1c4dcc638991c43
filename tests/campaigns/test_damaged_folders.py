"""Some damaged files, from one seed; and other outputs are seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.campaigns.campaign import run
from tests.campaigns.damaged_folders import DamagedFolders

TRIES = 40


@pytest.mark.slow
def test_damage(small_models: Path, tmp_path: Path) -> None:
    with DamagedFolders(small_models, tmp_path) as campaign:
        result = run(campaign, 19, tries=TRIES)
        assert result.breach is None, result.breach.story
        assert {"history refused", "model refused"} <= result.outcomes.keys()
        campaign._right["day.csv"] += b"\n"
        with pytest.raises(AssertionError):
            campaign._score(campaign._copy(campaign._history), small_models, ())
