"""Drives of any kind get answers that say what they rest on: from smartctl, as telemetry and in a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import azure.functions as func
import pytest

from functions.blueprints import mlflow, predict
from functions.http.body import SMARTCTL
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Scorer
from tests.shared_cases import case, smartctl_case
from tests.support.drives import record, score
from tests.support.running_app import PROJECT

ERRORS = {"smart_5_raw": 48, "smart_197_raw": 16}


@pytest.fixture(scope="module")
def champion() -> Iterator[Scorer]:
    """The committed champion, asked by the handlers of this process."""
    model = Scorer(Model.load(PROJECT / "models", "v3"))
    with pytest.MonkeyPatch.context() as patch:
        for module in (predict, mlflow):
            patch.setattr(module, "scorer", lambda: model)
        patch.setattr(predict, "baseline", lambda: Scorer(Model.load(PROJECT / "models", "v1")))
        yield model


def ask(handler: Any, document: dict[str, Any], kind: str = "application/json") -> dict[str, Any]:
    request = func.HttpRequest(
        "POST", "/api", headers={"content-type": kind}, body=json.dumps(document).encode()
    )
    answer = handler(request)
    assert answer.status_code == 200, answer.get_body()
    found: dict[str, Any] = json.loads(answer.get_body())
    return found


def test_three_drives_three_answers(champion: Scorer) -> None:
    """A solid-state drive, a Toshiba without 187, and a drive the model was trained on."""
    ssd = ask(predict.predict, record(model="CT500MX500SSD1", **ERRORS, smart_187_raw=0, smart_188_raw=0))
    toshiba = ask(predict.predict, record(model="TOSHIBA MG07ACA14TA", **ERRORS, smart_188_raw=0))
    own = ask(predict.predict, record(**ERRORS, smart_187_raw=0, smart_188_raw=0))
    assert [one["scope"] for one in (ssd, toshiba, own)] == ["unknown", "similar", "trained"]
    assert [one["missing"] for one in (ssd, toshiba, own)] == [[], [187], []]
    assert (ssd["probability"], ssd["risk"], ssd["reasons"]) == (None, "unknown", [])
    assert toshiba["probability"] > 0.01 < own["probability"]
    assert len({one["basis"] for one in (ssd, toshiba, own)}) == 3
    assert "ST4000DM000" in own["basis"]
    assert "187" in toshiba["basis"]
    assert "solid-state" in ssd["basis"]
    assert "solid-state" in ssd["advice"]


def test_a_batch_says_what_each_drive_is_told_alone(champion: Scorer) -> None:
    drives = [
        record(model=model, serial_number=f"S{index}", **errors)
        for index, (model, errors) in enumerate(
            (model, errors)
            for model in ("CT500MX500SSD1", "TOSHIBA MG07ACA14TA", "ST4000DM000")
            for errors in (ERRORS, {"smart_5_raw": 1}, {})
        )
    ]
    found = ask(predict.predict_batch, {"drives": drives})["results"]
    for drive, result in zip(drives, found, strict=True):
        alone = ask(predict.predict, drive)
        assert {**result["forecast"], "reasons": []} == {**alone, "reasons": []}
    predictions = ask(mlflow.invocations, {"dataframe_records": drives})["predictions"]
    assert predictions == [result["forecast"]["probability"] for result in found]
    assert [one is None for one in predictions] == [True, True, True, False, True, True, False, True, True]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"model": "CT500MX500SSD1", **ERRORS}, "solid_state"),
        ({"model": "WDC WD30EFRX", "smart_5_raw": 4}, "no_evidence"),
        ({"model": "ST4000DM000"}, "no_evidence"),
    ],
)
def test_there_is_nothing_to_explain_and_why(champion: Scorer, fields: dict[str, Any], code: str) -> None:
    found = ask(predict.explain_drive, record(**fields))
    assert (found["explained"], found["baseline"], found["scope"]) == (None, None, "unknown")
    assert (found["risk"], found["unknown_code"]) == ("unknown", code)
    assert found["why_unknown"] == found["basis"] == ask(predict.predict, record(**fields))["basis"]


def test_a_drive_that_one_model_knows_and_the_baseline_does_not(champion: Scorer) -> None:
    found = ask(predict.explain_drive, record(**ERRORS))
    assert found["why_unknown"] is found["unknown_code"] is None
    assert found["explained"]["probability"] > 0.01
    assert found["baseline"]["model_version"] == "v1"


@pytest.mark.parametrize("name", ["03a-ssd-micron5300.json", "03b-ssd-mx500-197-flip.json"])
def test_solid_state_drives_from_smartctl(champion: Scorer, name: str) -> None:
    document = smartctl_case(name)
    found = ask(predict.predict, document, SMARTCTL)
    assert (found["scope"], found["probability"], found["risk"]) == ("unknown", None, "unknown")
    assert ask(predict.explain_drive, document, SMARTCTL)["unknown_code"] == "solid_state"
    # By its rotation rate, whatever it is called; and by its name, where nobody says how fast it turns.
    for changed in ({**document, "model_name": "a drive"}, {**document, "rotation_rate": None}):
        assert ask(predict.predict, changed, SMARTCTL)["scope"] == "unknown"
    turning = {**document, "rotation_rate": 7200}
    assert ask(predict.predict, turning, SMARTCTL)["scope"] == "similar"


def test_a_fleet_with_solid_state_boot_drives(champion: Scorer) -> None:
    found = score(CsvEngine(champion), case("03d-fleet-with-ssd-boot-drives.csv").read_bytes())
    scopes = {line["model"]: (line["scope"], line["probability"] == "") for line in found.rows()}
    assert scopes.pop("ST8000NM0055") == ("similar", False)
    assert set(scopes.values()) == {("unknown", True)}
    assert found.summary["scope"] == {"trained": 0, "similar": 1, "unknown": 5}
    assert found.summary["fleet"]["no_number_because"]["code"] == "no_forecast"
    assert [drive["model"] for drive in found.summary["worst"]] == ["ST8000NM0055"]


@pytest.mark.parametrize("value", [2**56 - 1, "x", -1])
def test_a_stand_in_that_cannot_be_used_is_missing(value: object, monkeypatch: pytest.MonkeyPatch) -> None:
    champion = Scorer(Model.load(PROJECT / "models", "v4"))
    assert champion.model.manifest.stand_ins == {197: 198}
    for module in (predict, mlflow):
        monkeypatch.setattr(module, "scorer", lambda: champion)
    good = record(smart_197_raw=8, smart_5_raw=3)
    odd = record(smart_197_raw=8, smart_5_raw=3, smart_198_raw=value)
    answer = ask(predict.predict, odd)
    assert {**answer, "missing": []} == {**ask(predict.predict, good), "missing": []}
    (of_batch,) = ask(predict.predict_batch, {"drives": [odd]})["results"]
    assert of_batch["forecast"]["probability"] == answer["probability"]
    assert ask(mlflow.invocations, {"dataframe_records": [odd]})["predictions"] == [answer["probability"]]
    columns = list(odd)
    line = ",".join(str(odd[column]) for column in columns)
    found = score(CsvEngine(champion), f"{','.join(columns)}\n{line}\n".encode())
    assert [float(row["probability"]) for row in found.rows()] == [answer["probability"]]
