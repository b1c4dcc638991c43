"""Raw values as smartctl and telemetry carried them in the field: seven bytes, drives under other names."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from functions.http.drives import many_drives, one_drive
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Scorer
from functions.scoring.online.forecast import Forecast, forecasts
from functions.scoring.smartctl import telemetry_of
from tests.shared_cases import case
from tests.support.drives import COLUMNS, score
from tests.support.running_app import PROJECT

SMARTCTL = (
    "01a-msec24hour32-ST2000NM0008",
    "01b-msec24hour32-ST4000DM004",
    "04a-rebranded-seagate-OOS14000G",
    "04b-same-drive-under-its-own-name",
)
LEVELS = ("low", "medium", "high", "critical")


@pytest.fixture(scope="module")
def champion() -> Scorer:
    return Scorer(Model.load(PROJECT / "models"))


def forecast_of(name: str, champion: Scorer) -> Forecast:
    body = case(f"{name}.json").read_bytes()
    return forecasts([one_drive(body, True, champion.attributes, [])], champion)[0]


def row_of(name: str) -> dict[str, Any]:
    """Return what telemetry says of smartctl's drive."""
    fields, _ = telemetry_of(msgspec.json.decode(case(f"{name}.json").read_bytes()))
    return {key: value for key, value in fields.items() if value is not None}


@pytest.mark.parametrize("name", SMARTCTL)
def test_the_drive_has_a_forecast_however_it_is_sent(name: str, champion: Scorer) -> None:
    of_smartctl = forecast_of(name, champion)
    assert of_smartctl.risk in LEVELS
    row = row_of(name)
    drives, faulty = many_drives(json.dumps({"drives": [row]}).encode(), champion.attributes, 10, [])
    assert not faulty
    (alone,) = forecasts([drive for drive in drives if drive is not None], champion)
    assert (alone.probability, alone.risk) == (of_smartctl.probability, of_smartctl.risk)
    columns = [*COLUMNS, *(key for key in row if key not in COLUMNS)]
    line = ",".join(str(row.get(column, "")) for column in columns)
    in_a_file = score(CsvEngine(champion), f"{','.join(columns)}\n{line}\n".encode())
    assert in_a_file.summary["lines"] == {"data": 1, "accepted": 1, "rejected": 0}
    assert float(in_a_file.rows()[0]["probability"]) == of_smartctl.probability


def test_a_rebranded_drive_is_answered_as_under_its_own_name(champion: Scorer) -> None:
    rebranded, own = (forecast_of(name, champion) for name in SMARTCTL[2:])
    assert (rebranded.probability, rebranded.risk, rebranded.reasons) == (
        own.probability,
        own.risk,
        own.reasons,
    )
    assert own.risk == "low"


def test_a_line_with_seven_bytes_in_an_attribute_that_is_not_needed_is_scored(champion: Scorer) -> None:
    found = score(CsvEngine(champion), case("01d-msec24hour32.csv").read_bytes())
    assert found.summary["lines"] == {"data": 3, "accepted": 3, "rejected": 0}
    worn, fresh, rebranded = found.rows()
    assert worn["risk"] in {"high", "critical"}
    assert fresh["risk"] == rebranded["risk"] == "low"
