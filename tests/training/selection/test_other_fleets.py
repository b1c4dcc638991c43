from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.selection.two_fleets import HITACHI, SEAGATE, fleets, forward_tested
from training.fitting.candidates import Ranker
from training.fitting.fleet import Fleet
from training.fitting.training_rows import Draw
from training.selection import forward_test
from training.selection.other_fleets import RULE, evaluate_elsewhere, evaluate_left_out, extra_draws


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


def test_a_vendor_is_left_out_of_the_rows_that_its_drives_are_scored_by(
    fleet: Fleet, found: dict[str, forward_test.Tested]
) -> None:
    """The fits are watched: each vendor's rows are scored by a model that was fitted without them."""
    rows = fleet.extra[0].days.rows
    seagate = rows["model"].is_in([SEAGATE, "ST4000DM000"])
    positives: list[int] = []

    def fit(draw: Draw, seed: int) -> Ranker:
        positives.append(int(draw(seed).label.sum()))
        return found["logistic_snapshot"].candidate.fit(draw, seed)

    watched = replace(found["logistic_snapshot"].candidate, fit=fit)
    document = evaluate_left_out(
        fleet.extra[0],
        [found[RULE], replace(found["logistic_snapshot"], candidate=watched)],
        fleet,
        seed=0,
    )
    main = int(fleet.part("train")["label"].sum())
    known = fleet.extra[0].trainable(fleet.known_before)
    of_seagate = known["model"].is_in([SEAGATE, "ST4000DM000"])
    without_hitachi = main + int(known.filter(of_seagate)["label"].sum())
    without_seagate = main + int(known.filter(~of_seagate)["label"].sum())
    assert positives == [without_hitachi, without_seagate]
    assert document["how"] == "trained on without the model's vendor"
    assert document["unseen_models"]["logistic_snapshot"]["drives"] > 0
    assert seagate.any()


def test_models_can_be_left_out_of_what_is_drawn_beside(fleet: Fleet) -> None:
    ((draw, weight),) = extra_draws(fleet)
    ((fewer, _),) = extra_draws(fleet, {"other.parquet": [HITACHI]})
    assert weight == 0.1
    assert len(fewer(0).label) < len(draw(0).label)
    assert extra_draws(fleet, {"other.parquet": [HITACHI, SEAGATE, "ST4000DM000"]}) == []
    assert np.isfinite(draw(0).weight).all()
