import re
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.errors import DrivecastError, InvalidTelemetryError
from functions.scoring.model.risk import ADVICE
from functions.scoring.model.scorer import Scorer
from functions.scoring.online.forecast import forecast
from functions.scoring.online.request_types import HISTORY_LIMIT
from tests.functions.scoring.test_telemetry import JSON
from tests.support.drives import WORN, faults, record


def earlier(date: str, **raw: object) -> dict[str, Any]:
    return {"date": date, **raw}


def problem(scorer: Scorer, **fields: object) -> dict[str, Any]:
    with pytest.raises(InvalidTelemetryError) as caught:
        forecast(record(**fields), scorer)
    return caught.value.problem()


def test_a_worn_drive(scorer: Scorer) -> None:
    answer = forecast(record(**WORN, smart_194_raw=25), scorer)
    assert (answer.serial_number, answer.model, answer.date) == ("Z300AAAA", "ST4000DM000", "2014-01-25")
    assert answer.risk == "critical"
    assert answer.probability is not None
    assert answer.probability > 0.5
    assert answer.horizon_days == 30
    assert answer.advice == ADVICE["critical"]
    assert answer.history_days == []
    assert answer.model_version == "v2"
    assert answer.reasons[0].sentence == "Uncorrectable errors reported to the host at 30"


def test_unknown_when_nothing_that_matters_is_reported(scorer: Scorer) -> None:
    answer = forecast(record(smart_194_raw=25, smart_9_raw=100), scorer)
    assert (answer.risk, answer.scope, answer.probability) == ("unknown", "unknown", None)
    assert (answer.missing, answer.reasons) == ([5, 187, 188, 197, 198], [])
    assert answer.advice not in ADVICE.values()


@pytest.mark.parametrize(
    ("dates", "used"),
    [
        (["2014-01-18"], [7]),
        (["2014-01-18", "2013-12-28"], [7, 28]),
        (["2014-01-20", "2014-01-15"], [5]),
        (["2014-01-19", "2014-01-17"], [6]),
        (["2014-01-17", "2014-01-19"], [6]),
        (["2014-01-15"], [10]),
        (["2014-01-14", "2014-01-21", "2014-01-24"], []),
        (["2014-01-04"], [21]),
        (["2013-12-21"], [35]),
        (["2014-01-05", "2013-12-20", "2014-01-03"], [22]),
        ([], []),
    ],
)
def test_history_windows(scorer: Scorer, dates: list[str], used: list[int]) -> None:
    history = [earlier(date, smart_5_raw=1, smart_187_raw=1) for date in dates]
    assert forecast(record(smart_5_raw=8, smart_187_raw=3, history=history), scorer).history_days == used


def test_history_changes_the_reasons(scorer: Scorer) -> None:
    history = [earlier("2014-01-18", smart_187_raw=2)]
    answer = forecast(record(**WORN, history=history), scorer)
    rose = "Uncorrectable errors reported to the host rose from 2 to 30 in 7 days"
    (reason,) = [reason for reason in answer.reasons if reason.attribute == 187]
    assert (reason.sentence, reason.change, reason.change_days) == (rose, 28.0, 7)


def test_an_earlier_row_that_reports_nothing_is_no_history(scorer: Scorer) -> None:
    assert forecast(record(smart_5_raw=8, history=[earlier("2014-01-18")]), scorer).history_days == []


def test_packed_values_in_history_are_decoded_as_the_drive_is(scorer: Scorer) -> None:
    history = [earlier("2014-01-18", smart_188_raw=4295032833)]
    answer = forecast(record(smart_188_raw=4295032833 + 49, **WORN, history=history), scorer)
    same = forecast(
        record(smart_188_raw=50, **WORN, history=[earlier("2014-01-18", smart_188_raw=1)]), scorer
    )
    assert answer == same


def test_every_fault_of_the_history_is_named(scorer: Scorer) -> None:
    found = problem(
        scorer,
        history=[
            7,
            earlier("2014-01-18", smart_5_raw="x"),
            earlier("2014-01-25"),
            earlier("2014-01-26"),
            {"smart_5_raw": 1},
            earlier("2014-01-18", serial_number="other"),
            earlier("2014-01-18", model=""),
            earlier("2014-01-18", model="ST4000DM000-1F2168"),
        ],
    )
    assert faults(found) == {
        "history[0]": "7",
        "history[1].smart_5_raw": "'x'",
        "history[2].date": "2014-01-25",
        "history[3].date": "2014-01-26",
        "history[4].date": "nothing",
        "history[5].serial_number": "'other'",
        "history[6].model": "''",
        "history[7].model": "'ST4000DM000-1F2168'",
    }
    assert re.match(r"8 fields .*: history\[0\], history\[1\]\.smart_5_raw, ", found["detail"])
    assert (found["status"], found["code"]) == (422, "invalid_telemetry")


def test_an_earlier_row_may_name_the_drive_again(scorer: Scorer) -> None:
    alone = forecast(record(**WORN, history=[earlier("2014-01-18")]), scorer)
    named = [earlier("2014-01-18", serial_number=" Z300AAAA", model="ST4000DM000 ")]
    assert forecast(record(**WORN, history=named), scorer) == alone


def test_a_fault_of_the_drive_is_not_repeated_for_each_earlier_row(scorer: Scorer) -> None:
    found = problem(scorer, serial_number=5, history=[earlier("2014-01-18"), earlier("x", smart_5_raw=-1)])
    assert faults(found) == {
        "serial_number": "5",
        "history[1].date": "'x'",
        "history[1].smart_5_raw": "-1",
    }


@pytest.mark.parametrize(("value", "found"), [("x", "'x'"), ({}, "an object of 0"), (0, "0")])
def test_what_is_no_history(scorer: Scorer, value: object, found: str) -> None:
    assert faults(problem(scorer, history=value)) == {"history": found}


def test_too_much_history(scorer: Scorer) -> None:
    rows = [earlier("2014-01-18", smart_5_raw=0)] * (HISTORY_LIMIT + 1)
    assert faults(problem(scorer, history=rows)) == {"history": f"a list of {HISTORY_LIMIT + 1}"}
    assert forecast(record(smart_5_raw=0, history=rows[1:]), scorer).history_days == [7]


@given(fields=st.dictionaries(st.sampled_from(["date", "history", "model", "smart_5_raw"]), JSON))
def test_any_json_is_answered_or_refused(scorer: Scorer, fields: dict[str, Any]) -> None:
    try:
        answer = forecast(record(**fields), scorer)
    except DrivecastError as error:
        msgspec.json.encode(error.problem())
    else:
        assert (answer.probability is None) == (answer.risk == "unknown")
        assert answer.probability is None or 0 <= answer.probability <= 1


def test_the_probability_is_the_shortest_decimal_of_the_float32(scorer: Scorer) -> None:
    answer = forecast(record(smart_5_raw=3, smart_197_raw=0), scorer)
    assert answer.probability == float(str(np.float32(answer.probability)))
