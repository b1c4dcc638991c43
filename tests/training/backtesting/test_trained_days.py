from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from functions.scoring.model.onnx_model import Model
from tests.support.small_model import small_models
from training.backtesting.trained_days import TrainedDays, trained_days

__all__ = ["small_models"]

PERIOD = {"train": ["2018-01-02", "2018-02-15"], "validation": ["2018-03-18", "2018-04-04"]}


@pytest.fixture
def model(small_models: Path, tmp_path: Path) -> Model:
    shutil.copytree(small_models, tmp_path / "models")
    found = Model.load(tmp_path / "models")
    found.manifest.lineage.update(first_date="2018-01-02", last_date="2018-06-30")
    return found


def evaluation(refit: bool) -> dict[str, Any]:
    protocol = {"seed": 3, "held_out_drives": 0.15, "horizon_days": 30, "periods": [PERIOD]}
    return {"protocol": protocol, "release": {"refit": refit}}


def test_a_refitted_version_knows_all_its_telemetry(model: Model) -> None:
    (model.folder / "evaluation.json").write_text(json.dumps(evaluation(refit=True)))
    assert trained_days(model) == TrainedDays(dt.date(2018, 1, 2), dt.date(2018, 6, 30), (3, 0.15))


def test_a_version_shipped_as_tested_knows_what_validations_labels_saw(model: Model) -> None:
    (model.folder / "evaluation.json").write_text(json.dumps(evaluation(refit=False)))
    known = trained_days(model)
    assert known.last == dt.date(2018, 5, 4)
    assert known.covers(dt.date(2018, 5, 4), dt.date(2018, 5, 31))
    assert not known.covers(dt.date(2018, 5, 5), dt.date(2018, 5, 31))


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"protocol": {"seed": "x"}}'])
def test_a_version_that_says_less_is_no_error(model: Model, content: str | None) -> None:
    if content is not None:
        (model.folder / "evaluation.json").write_text(content)
    assert trained_days(model) == TrainedDays(dt.date(2018, 1, 2), dt.date(2018, 6, 30), None)


def test_a_version_that_says_nothing_covers_nothing() -> None:
    assert not TrainedDays(None, None, None).covers(dt.date(2018, 1, 1), dt.date(2018, 12, 31))


def test_the_days_of_other_fleets_are_known_too(model: Model) -> None:
    model.manifest.lineage["beside"] = [{"first_date": "2013-04-10", "last_date": "2016-09-30"}]
    (model.folder / "evaluation.json").write_text(json.dumps(evaluation(refit=True)))
    known = trained_days(model)
    assert known.fleet_on(dt.date(2016, 9, 30), dt.date(2017, 1, 1)) == (
        dt.date(2013, 4, 10),
        dt.date(2016, 9, 30),
    )
    assert not known.covers(dt.date(2016, 10, 1), dt.date(2018, 1, 1))
    assert known.covers(dt.date(2018, 6, 30), dt.date(2018, 8, 1))
