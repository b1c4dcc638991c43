"""The log line that the drift alert reads, from files in one piece and in ranges, by a committed model."""

from __future__ import annotations

import logging

import pytest

from functions.batch import run_models
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Scorer
from functions.scoring.report.drift import MIN_ROWS, drift_line
from functions.settings import settings
from tests.functions.batch.app_here import AppHere
from tests.functions.conftest import Fleet
from tests.support.drives import row, table
from tests.support.running_app import PROJECT

DRIFTED = [row(f"S{number}", smart_187_raw=number % 50) for number in range(MIN_ROWS)]


@pytest.mark.parametrize("range_bytes", [20_000, 10_000_000])
def test_a_file_that_has_drifted_is_named_once(
    app_here: AppHere,
    fleet: Fleet,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    range_bytes: int,
) -> None:
    models = run_models.Models(Scorer(Model.load(PROJECT / "models", "v2")), None)
    monkeypatch.setattr(run_models, "current", lambda: models)
    monkeypatch.setattr(run_models, "models_named", lambda *_: models)
    monkeypatch.setenv("RANGE_BYTES", str(range_bytes))
    settings.cache_clear()
    caplog.set_level(logging.INFO)
    etags = {
        name: fleet.drop(f"{name}.csv", table(DRIFTED[first:])) for name, first in (("day", 0), ("few", 1))
    }
    for name in etags:
        app_here.ranges(app_here.arrive(f"{name}.csv").tasks)
    summary = fleet.summary("day", etags["day"], 0)
    fleet.summary("few", etags["few"], 0)
    expected = drift_line(f"telemetry/{fleet.folder}/day.csv", summary)
    assert expected is not None
    assert summary["drift"]["psi"]["smart_187"] > 1
    assert expected.startswith("drift: smart_187 psi ")
    assert [record.getMessage() for record in caplog.records if "drift:" in record.getMessage()] == [expected]
