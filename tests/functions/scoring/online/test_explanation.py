"""A forecast taken apart adds up, for every model and any drive."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Scorer, no_lap
from functions.scoring.online.explanation import explain
from functions.scoring.online.forecast import forecasts
from functions.scoring.online.request_parser import read_drive
from functions.scoring.smart import ATTRIBUTES
from tests.support.drives import RAW, record
from tests.support.other_manifests import CALIBRATED, with_manifest


@pytest.fixture(scope="module", params=["v1", "v2", "calibrated"])
def scorer(request: pytest.FixtureRequest, small_models: Path) -> Scorer:
    if request.param != "calibrated":
        return Scorer(Model.load(small_models, request.param))
    return with_manifest(Scorer(Model.load(small_models)), similar=CALIBRATED, stand_ins={197: 198})


@given(
    st.sampled_from(["ST4000DM000", "HGST HMS5C4040ALE640", "CT500MX500SSD1"]),
    st.dictionaries(st.sampled_from(RAW), st.none() | st.integers(0, 300)),
    st.none() | st.dictionaries(st.sampled_from(RAW), st.integers(0, 300)),
    st.integers(1, len(ATTRIBUTES)),
)
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_adds_up(
    scorer: Scorer, model: str, now: dict[str, int | None], before: dict[str, int] | None, top: int
) -> None:
    history = [] if before is None else [{"date": "2014-01-18", **before}]
    drive = read_drive(record(model=model, **now, history=history), scorer.attributes, [])
    assert drive is not None
    found, risk, scope, basis = explain(drive, scorer, top, no_lap)
    (forecast,) = forecasts([drive], scorer)
    assert (risk, scope) == (forecast.risk, forecast.scope)
    assert (basis.sentence, basis.missing) == (forecast.basis, forecast.missing)
    if found is None:
        assert forecast.probability is None
        return
    total = found.base_value + sum(c.contribution for c in found.contributions) + found.rest
    assert total == pytest.approx(found.log_odds, abs=2e-4)
    assert len(found.contributions) == min(top, len(scorer.attributes))
    assert found.probability == forecast.probability


def test_stages_are_told(scorer: Scorer) -> None:
    drive = read_drive(record(smart_5_raw=8), scorer.attributes, [])
    assert drive is not None
    stages: list[str] = []
    explain(drive, scorer, 3, stages.append)
    assert stages == ["features", "model", "explain"]
    stages.clear()
    forecasts([drive], scorer, "none", stages.append)
    assert stages == ["features", "model", "explain"]
