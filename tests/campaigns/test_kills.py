"""Kills in the ordinary suite: the same tries as the campaign's, from one seed."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from tests.campaigns.kills import DevhostKills, Kills

SCORERS = 24
"""Killed at any moment, one of many for each message."""


@pytest.mark.slow
def test_processes_that_score(small_models: Path, tmp_path: Path) -> None:
    chance, outcomes = random.Random(6), Counter[str]()
    with Kills(small_models, tmp_path) as campaign:
        while outcomes["killed"] < SCORERS:
            outcomes += campaign.kill_scorers(chance, SCORERS - outcomes["killed"])


@pytest.mark.slow
@pytest.mark.parametrize("copies", [1, 2])
def test_processes_that_plan(small_models: Path, tmp_path: Path, copies: int) -> None:
    with Kills(small_models, tmp_path) as campaign:
        assert campaign.kill_planners(random.Random(7), kills=12, copies=copies)["killed"] >= 6


@pytest.mark.slow
def test_workers_of_devhost(small_models: Path, tmp_path: Path) -> None:
    with DevhostKills(small_models, tmp_path) as campaign:
        campaign.kill_workers(random.Random(6), kills=4)
        # One may have been dying already when it was killed again.
        assert campaign.app.output.count("died (signal 9)") >= 2
