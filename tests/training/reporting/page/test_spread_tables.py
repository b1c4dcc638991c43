from __future__ import annotations

from typing import Any

import pytest

from tests.training.small_evaluation_json import evaluation
from training.reporting.page.spread_tables import horizons_table, seeds_table

CAPTION = "Prevalence 1.00 % · split: forward in time · horizon 30 days · one decision per drive"


def spread(mean: float) -> dict[str, Any]:
    figure = {"values": [mean, mean], "mean": mean, "sd": 0.0, "min": mean - 0.01, "max": mean + 0.01}
    empty = {"values": [None, None], "mean": None, "sd": None, "min": None, "max": None}
    return {"seeds": [0, 1], "average_precision": figure, "precision_high": empty}


@pytest.fixture
def content() -> dict[str, Any]:
    made = evaluation("v2", 3.0)
    for index, figures in enumerate(made["candidates"].values()):
        figures["over_seeds"] = spread(0.2 + index / 10)
        figures["shorter_horizons"] = {"7": figures["last_row_per_drive"]}
    return made


def test_mean_and_range_of_every_candidate_are_shown_with_the_seeds(content: dict[str, Any]) -> None:
    made = seeds_table(content, ["own", "prevalence"], CAPTION)
    assert "0.300 (0.290 to 0.310)" in made
    assert "0.200 (0.190 to 0.210)" in made
    assert "seeds 0, 1" in made
    assert CAPTION in made


def test_one_seed_or_none_has_no_table(content: dict[str, Any]) -> None:
    content["candidates"]["own"]["over_seeds"]["seeds"] = [0]
    assert seeds_table(content, ["own"], CAPTION) == ""
    assert seeds_table(evaluation("v1", 1.0), ["own"], CAPTION) == ""


def test_every_horizon_stands_with_its_prevalence(content: dict[str, Any]) -> None:
    made = horizons_table(content, CAPTION)
    assert "7 days" in made
    assert "30 days" in made
    assert "split: forward in time" in made
    assert horizons_table(evaluation("v1", 1.0), CAPTION) == ""
