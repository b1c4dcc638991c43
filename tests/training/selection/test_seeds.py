from __future__ import annotations

import json

import numpy as np
import pytest

from tests.training.selection.two_fleets import fleets, forward_tested, parts
from training.selection import forward_test
from training.selection.seeds import over_seeds


@pytest.fixture(scope="module")
def repeated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, forward_test.Tested]:
    fleet = fleets(tmp_path_factory.mktemp("fleets"))
    found = forward_tested(fleet, "any_above_zero", "logistic_changes")
    over_seeds(found, *parts(fleet), 0, [1, 2])
    return found


def test_the_first_seed_is_the_one_of_the_figures_and_others_move_them(
    repeated: dict[str, forward_test.Tested],
) -> None:
    figures = repeated["logistic_changes"].figures
    spread = figures["over_seeds"]
    assert spread["seeds"] == [0, 1, 2]
    assert spread["average_precision"]["values"][0] == figures["all_drives"]["drives"]["average_precision"]
    assert spread["row_brier"]["values"][0] == figures["all_drives"]["rows"]["brier"]
    assert len(set(spread["row_brier"]["values"])) == 3
    json.dumps(spread, allow_nan=False)


def test_mean_and_range_are_those_of_the_values(repeated: dict[str, forward_test.Tested]) -> None:
    for name, figure in repeated["logistic_changes"].figures["over_seeds"].items():
        if name != "seeds" and figure["mean"] is not None:
            values = [value for value in figure["values"] if value is not None]
            assert figure["mean"] == pytest.approx(np.mean(values))
            assert (figure["min"], figure["max"]) == (min(values), max(values))
            assert figure["sd"] is None or figure["sd"] == pytest.approx(np.std(values, ddof=1))


def test_what_learns_nothing_says_the_same_with_every_seed(repeated: dict[str, forward_test.Tested]) -> None:
    spread = repeated["any_above_zero"].figures["over_seeds"]["average_precision"]
    assert spread["sd"] == 0.0
