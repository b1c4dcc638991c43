"""The row contract over JSON."""

import datetime as dt

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.raw_values import PACKINGS
from functions.scoring.telemetry import (
    RAW_COLUMNS,
    Fault,
    file_stem,
    is_json,
    read_date,
    read_raw,
    read_record,
    show_value,
)
from tests.support.drives import record

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(10**4000),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
HUGE = pytest.param(10**5000, id="huge")
FIELDS = st.sampled_from(["date", "serial_number", "model", "capacity_bytes", "failure", *RAW_COLUMNS])


def faults_of(**fields: object) -> dict[str, str]:
    faults: list[Fault] = []
    assert (read_record(record(**fields), [5, 187], faults) is None) == bool(faults)
    return {fault.field: fault.found for fault in faults}


def test_a_record() -> None:
    faults: list[Fault] = []
    fields = record(
        smart_187_raw=3, smart_5_raw=4.0, smart_9_raw=None, whatever={"a": 1}, serial_number=" Z1 "
    )
    found = read_record(fields, [5, 187, 197], faults)
    assert found is not None
    assert not faults
    assert (found.date, found.serial_number, found.model) == (dt.date(2014, 1, 25), "Z1", "ST4000DM000")
    np.testing.assert_array_equal(found.raw, [4, 3, np.nan])


def test_every_fault_is_named_at_once() -> None:
    assert faults_of(
        date="2014-02-30", serial_number="", model=7, capacity_bytes="4 TB", smart_5_raw="8", smart_9_raw=-1
    ) == {
        "date": "'2014-02-30'",
        "model": "7",
        "serial_number": "''",
        "smart_5_raw": "'8'",
    }


def test_a_path_is_put_before_the_field() -> None:
    faults: list[Fault] = []
    read_record({}, [5], faults, "history[2].")
    assert [fault.field for fault in faults] == [
        "history[2].date",
        "history[2].model",
        "history[2].serial_number",
    ]
    assert faults[0].document() == {
        "field": "history[2].date",
        "found": "nothing",
        "expected": "a date as YYYY-MM-DD from 2000-01-01 to 2099-12-31",
    }


@given(st.dictionaries(FIELDS, JSON))
def test_no_json_raises_and_every_fault_can_be_sent(fields: dict[str, object]) -> None:
    faults: list[Fault] = []
    found = read_record(fields, [5, 187, 188], faults)
    assert (found is None) == bool(faults)
    assert all(len(fault.found) <= 80 for fault in faults)
    msgspec.json.encode([fault.document() for fault in faults])


@pytest.mark.parametrize(
    "value",
    [
        None, 20140125, "2014-1-25", "20140125", "2014-01-25T00:00", "2014-W04-6", "2014-01-32", "1999-12-31",
        "2100-01-01", "\uff12014-01-25", " 2014-01-25", "2014-01-25\n", "",
    ],
)  # fmt: skip
def test_what_is_no_date(value: object) -> None:
    assert read_date(value) is None


@pytest.mark.parametrize("value", ["2000-01-01", "2024-02-29", "2099-12-31"])
def test_dates(value: str) -> None:
    assert read_date(value) == dt.date.fromisoformat(value)


@pytest.mark.parametrize(
    "value", [True, "5", -1, 2**48, 2**64, 2.0**48, 1.5, float("nan"), float("inf"), [], {}, HUGE]
)
def test_what_is_no_raw_value(value: object) -> None:
    assert read_raw(value, PACKINGS["raw48"]) is None


@pytest.mark.parametrize("value", [0, 2**24 + 1, 2**48 - 1, 194909408.0])
def test_raw_values(value: float) -> None:
    assert read_raw(value, PACKINGS["raw48"]) == value


def test_a_missing_raw_value() -> None:
    assert np.isnan(read_raw(None, PACKINGS["raw48"]) or 0.0)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), True, 1.5, "1", -1, 2**70, []])
def test_what_is_not_needed_may_be_anything(value: object) -> None:
    assert not faults_of(capacity_bytes=value, smart_9_raw=value, smart_197_raw=value)


def test_an_attribute_that_is_not_needed_is_missing_where_it_is_faulty() -> None:
    faults: list[Fault] = []
    found = read_record(record(smart_5_raw="x", smart_9_raw=7), [5, 9], faults, needed={9})
    assert found is not None
    assert not faults
    np.testing.assert_array_equal(found.raw, [np.nan, 7])


@pytest.mark.parametrize(
    ("model", "family", "attribute", "raw", "kept"),
    [
        ("ST4000DM004-2CV104", "", 9, 2**54 + 19627, 19627),
        ("OOS99", "Seagate BarraCuda 3.5 (SMR)", 9, 2**54 + 19627, 19627),
        ("ST4000DM004-2CV104", "", 1, (2**23 << 32) + 12345, 2**23 << 32),
        ("TOSHIBA MG07ACA14TA", "", 188, 2**47 + 3, 2**47 + 3),
        ("TOSHIBA MG07ACA14TA", "", 9, 2**55 + 3, 3),
    ],
)
def test_seven_bytes_are_reduced_by_the_drives_own_packing(
    model: str, family: str, attribute: int, raw: int, kept: int
) -> None:
    faults: list[Fault] = []
    fields = record(model=model) | {f"smart_{attribute}_raw": raw}
    found = read_record(fields, [attribute], faults, family=family)
    assert found is not None
    assert found.raw.tolist() == [kept]


def test_a_needed_value_that_cannot_be_counted_is_named() -> None:
    faults: list[Fault] = []
    assert read_record(record(smart_187_raw=2**53 + 1), [187], faults) is None
    (fault,) = faults
    assert fault.field == "smart_187_raw"
    assert "SMART 187, Reported Uncorrectable Errors" in fault.expected


@pytest.mark.parametrize(("field", "longest"), [("serial_number", 64), ("model", 128)])
def test_texts(field: str, longest: int) -> None:
    assert not faults_of(**{field: "x" * longest})
    for bad in ("x" * (longest + 1), " ", "a\nb", "a\x00", None, 5):
        assert list(faults_of(**{field: bad})) == [field]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nothing"),
        ("5", "'5'"),
        (5, "5"),
        (True, "true"),
        ([1, 2], "a list of 2"),
        ({}, "an object of 0"),
        ("x" * 200, "'" + "x" * 78 + "…"),
        pytest.param(10**5000, "a whole number of more than 80 digits", id="huge"),
    ],
)
def test_how_a_value_is_shown(value: object, text: str) -> None:
    assert show_value(value) == text


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("day.csv", "day"),
        ("2014/01/day.csv.gz", "2014/01/day"),
        ("DAY.CSV", "DAY"),
        ("day.csv.csv", "day.csv"),
        ("day.CSV.GZ", "day"),
        ("day.txt", "day.txt"),
        ("day", "day"),
        ("größe.2.csv", "größe.2"),
        ("host/2014-01-25.json", "host/2014-01-25"),
        ("day.JSON.gz", "day"),
        ("day.json.csv", "day.json"),
    ],
)
def test_a_file_has_a_stem(name: str, stem: str) -> None:
    assert file_stem(name) == stem


@pytest.mark.parametrize(
    ("name", "json"),
    [
        ("day.json", True),
        ("day.JSON.GZ", True),
        ("day.json.csv", False),
        ("day.csv.gz", False),
        ("json", False),
    ],
)
def test_a_name_says_whether_a_file_is_json(name: str, json: bool) -> None:
    assert is_json(name) is json
