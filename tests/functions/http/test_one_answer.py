"""The same drive gets the same verdict and value on every path, whatever its neighbours."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import azure.functions as func
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from functions.blueprints import mlflow, open_inference, predict
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Scorer
from functions.scoring.online.forecast import observe
from functions.scoring.online.request_parser import Drive, read_drive
from functions.scoring.telemetry import RAW_COLUMNS
from tests.support.drives import WORN, record

SOUND = json.dumps(record(**WORN))
FAULTY = json.dumps(record(smart_5_raw=-1))

NUMBERS = st.one_of(
    st.integers(0, 300).map(str),
    st.integers(0, 2**48 + 2).map(str),
    st.floats(0, 1e6).map(repr),
    st.sampled_from(
        ["null", "-0.0", "48.0", "1e2", "2.5", "-1", "1e999", "9" * 400, "true", '"7"', "[]", "5e-324"]
    ),
)
DATES = st.sampled_from(
    [
        "2014-01-25",
        "2014-01-18",
        "2013-12-28",
        "2014-02-30",
        "1999-12-31",
        "2100-01-01",
        "2014-1-5",
        "2014-W04-6",
    ]
).map(json.dumps)
TEXTS = st.one_of(
    st.sampled_from(
        ["null", '""', '" "', '"Z300AAAA"', '" Z300AAAA "', '"ST4000DM000"', "7", r'"a\u0000b"', r'"\u0378"']
    ),
    st.text(max_size=4).map(json.dumps),
)
OTHER = st.sampled_from(["1e999", "{}", '"x"', r'"\ud800"', r'"\udc00"', r'"\ud83d\ude00"', "[1, 2]", "null"])
COLUMNS = st.sampled_from(["smart_5_raw", "smart_187_raw", "smart_188_raw", "smart_197_raw", "smart_194_raw"])


def written_object(written: Iterable[str]) -> str:
    return "{" + ", ".join(written) + "}"


def pairs(names: st.SearchStrategy[Any]) -> st.SearchStrategy[str]:
    """Make an object of written pairs, in which a name may be there twice."""
    return st.lists(names, max_size=6).map(
        lambda items: written_object(f"{json.dumps(name)}: {value}" for name, value in items)
    )


RAW = st.tuples(COLUMNS, NUMBERS)
EARLIER = pairs(
    st.one_of(
        st.tuples(st.just("date"), DATES),
        RAW,
        st.tuples(st.sampled_from(["serial_number", "model"]), TEXTS),
        st.tuples(st.just("note"), OTHER),
    )
)
ROWS = st.one_of(
    st.lists(EARLIER, max_size=3).map(lambda rows: f"[{', '.join(rows)}]"),
    st.sampled_from(["null", "{}", "[null]"]),
)


@st.composite
def drives(draw: st.DrawFn) -> str:
    """Make a drive that is mostly sound, as text."""
    fields = {"date": '"2014-01-25"', "serial_number": '"Z300AAAA"', "model": '"ST4000DM000"'}
    odd = {"date": DATES, "serial_number": TEXTS, "model": TEXTS}
    for name in draw(st.lists(st.sampled_from(sorted(odd)), max_size=1)):
        fields[name] = draw(odd[name])
    written = [f"{json.dumps(name)}: {value}" for name, value in fields.items()]
    for name, value in draw(st.lists(RAW, max_size=5)):
        written.append(f"{json.dumps(name)}: {value}")
    for name, values in (("capacity_bytes", NUMBERS), ("history", ROWS), ("note", OTHER)):
        if draw(st.booleans()):
            written.append(f"{json.dumps(name)}: {draw(values)}")
    return written_object(written)


@pytest.fixture(scope="module")
def champion(small_models: Path) -> Iterator[Scorer]:
    """The model that the handlers answer with, in this process."""
    model = Scorer(Model.load(small_models))
    with pytest.MonkeyPatch.context() as patch:
        for module in (predict, mlflow, open_inference):
            patch.setattr(module, "scorer", lambda: model)
        patch.setattr(predict, "baseline", lambda: None)
        yield model


def post(handler: Any, body: str | bytes, **route: str) -> tuple[int, dict[str, Any]]:
    """Ask a function as the app binds it."""
    content = body.encode() if isinstance(body, str) else body
    headers = {"content-type": "application/json"}
    request = func.HttpRequest("POST", "/api", headers=headers, route_params=route, body=content)
    answer = handler(request)
    return answer.status_code, json.loads(answer.get_body())


type Verdict = tuple[int, str | None, tuple[str, ...], float | None]
"""Status, code, faulty fields, probability."""


def verdict(status: int, document: dict[str, Any], prefix: str = "") -> Verdict:
    """Read the verdict on one drive from its forecast, explanation or problem."""
    fields = tuple(entry["field"].removeprefix(prefix) for entry in document.get("errors", ()))
    probability = (document.get("explained", document) or {}).get("probability")
    return status, document.get("code"), fields, probability


def batch_verdict(drives: list[str], index: int) -> Verdict:
    status, document = post(predict.predict_batch, f'{{"drives": [{", ".join(drives)}]}}')
    if status != 200:
        return verdict(status, document)
    item = document["results"][index]
    if "problem" in item:
        return verdict(item["problem"]["status"], item["problem"], f"drives[{index}].")
    return verdict(200, item["forecast"])


@given(drive=drives())
@example(
    drive='{"date": "2014-01-25", "serial_number": "Z", "model": "X", "history": [{"date": "2014-01-18", '
    '"serial_number": null, "model": null}]}'
)
@settings(max_examples=300, deadline=None)
def test_one_drive_one_answer(champion: Scorer, drive: str) -> None:
    alone = verdict(*post(predict.predict, drive))
    assert verdict(*post(predict.explain_drive, drive)) == alone
    for neighbours in ([], [SOUND], [FAULTY], ["7"], [SOUND, FAULTY]):
        assert batch_verdict([*neighbours, drive, *neighbours], len(neighbours)) == alone
    # Of a name that is there twice the last counts: with the drives, too.
    twice = post(predict.predict_batch, f'{{"drives": 7, "drives": [{drive}]}}')
    assert (twice[0] == 200) == (alone[0] in {200, 422})


@given(drive=drives())
@settings(max_examples=200, deadline=None)
def test_a_table_and_a_tensor_agree(champion: Scorer, drive: str) -> None:
    """With what a table can say of a drive: its model and its values, without date and history."""
    try:
        given = json.loads(drive)
    except ValueError:
        return
    row = {name: value for name, value in given.items() if name == "model" or name in RAW_COLUMNS}
    text = json.dumps(row).replace("Infinity", "1e999")
    asked = json.dumps(record() | row).replace("Infinity", "1e999")
    status, code, fields, probability = verdict(*post(predict.predict, asked))
    for body in (
        f'{{"dataframe_records": [{text}]}}',
        f'{{"instances": [{text}, {{"model": "X"}}]}}',
        json.dumps({"dataframe_split": {"columns": list(row), "data": [list(row.values())]}}).replace(
            "Infinity", "1e999"
        ),
    ):
        found, document = post(mlflow.invocations, body)
        assert found == status, document
        if status == 200:
            assert document["predictions"][0] == probability
        elif code == "invalid_telemetry":
            assert {entry["field"].removesuffix("[0]") for entry in document["errors"]} == set(fields)
    if status != 200:
        return
    read = read_drive(record() | row, champion.attributes, [])
    assert read is not None
    features = champion.model.plan.matrix(*_seen(read, champion))
    values = [None if np.isnan(value) else float(value) for value in features[0]]
    tensor = {"name": "features", "datatype": "FP32", "shape": [1, len(values)], "data": values}
    named = {"name": "model", "datatype": "BYTES", "shape": [1], "data": [read.model]}
    assert inferred([tensor, named]) == inferred([named, tensor]) == [probability]
    if probability is not None:
        assert inferred([tensor]) == [probability]


def inferred(inputs: list[dict[str, Any]]) -> Any:
    status, document = post(open_inference.infer, json.dumps({"inputs": inputs}), name="drivecast")
    assert status == 200
    by_name = {output["name"]: output["data"] for output in document["outputs"]}
    return by_name["probability"]


def _seen(drive: Drive, champion: Scorer) -> Any:
    seen = observe([drive], champion)
    return seen.now, seen.earlier
