from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.training.selection.two_fleets import HITACHI, SEAGATE, fleets, forward_tested
from training.fitting.fleet import Fleet
from training.selection import forward_test
from training.selection.other_fleets import RULE, evaluate_elsewhere


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fleets")


@pytest.fixture(scope="module")
def fleet(folder: Path) -> Fleet:
    return fleets(folder)


@pytest.fixture(scope="module")
def found(fleet: Fleet) -> dict[str, forward_test.Tested]:
    return forward_tested(fleet, RULE, "logistic_snapshot")


@pytest.fixture(scope="module")
def elsewhere(fleet: Fleet, found: dict[str, forward_test.Tested], folder: Path) -> dict[str, Any]:
    return evaluate_elsewhere([folder / "other.parquet"], list(found.values()), fleet, seed=0, progress=False)


def test_known_drive_models_do_not_count_among_the_unseen(elsewhere: dict[str, Any]) -> None:
    assert elsewhere["known_models"] == ["ST4000DM000"]
    assert elsewhere["how"] == "never trained on"
    by_model = elsewhere["candidates"]["logistic_snapshot"]
    assert set(by_model) == {SEAGATE, HITACHI, "ST4000DM000"}
    unseen = elsewhere["unseen_models"]["logistic_snapshot"]
    assert unseen["drives"] == by_model[SEAGATE]["drives"] + by_model[HITACHI]["drives"]
    json.dumps(elsewhere, allow_nan=False)


def test_candidates_are_compared_at_the_rules_own_number_of_alerts(elsewhere: dict[str, Any]) -> None:
    rule, model = (elsewhere["unseen_models"][name] for name in (RULE, "logistic_snapshot"))
    assert rule["at_the_rules_alerts"]["alerts"] == model["at_the_rules_alerts"]["alerts"] > 0
    assert rule["lead_over_the_rule"]["failing"] == 0
    lead = model["at_the_rules_alerts"]["failing"] - rule["at_the_rules_alerts"]["failing"]
    assert model["lead_over_the_rule"]["failing"] == pytest.approx(lead, abs=0.02)
    assert set(model["at_budgets"]) == {"5", "20", "100"}
    assert model["at_budgets"]["100"]["failing"] >= rule["at_budgets"]["100"]["failing"]
