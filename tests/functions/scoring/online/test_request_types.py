"""The types and the field-by-field reading are one contract."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.online.request_parser import Drive, drive_of, read_drive
from functions.scoring.online.request_types import (
    DATE_PATTERN,
    DriveDay,
    decode_drive,
    raw_getter,
    text_pattern,
)
from functions.scoring.telemetry import Fault, read_date
from tests.support.drives import record

ATTRIBUTES = (5, 187, 194)
GET = raw_getter(ATTRIBUTES)

RAW = st.one_of(
    st.none(),
    st.integers(-1, 2**48),
    st.integers(2**48 - 2, 2**64 + 1),
    st.integers(0, 300).map(float),
    st.floats(allow_nan=False, allow_infinity=False),
    st.just(True),
    st.text(max_size=3),
)
TEXTS = st.one_of(st.text(max_size=70), st.sampled_from([" Z300 ", "\tZ\u00a0", "", "ST4000DM000", None, 5]))
DATES = st.one_of(
    st.dates().map(str),
    st.sampled_from(["2014-01-25", "1999-12-31", "2099-12-31", "2014-W04-6", "2014-1-5", None]),
)
ROWS = st.fixed_dictionaries(
    {},
    optional={"date": DATES, "serial_number": TEXTS, "model": TEXTS, "smart_5_raw": RAW, "smart_9_raw": RAW},
)
DRIVES = st.fixed_dictionaries(
    {"date": DATES, "serial_number": TEXTS, "model": TEXTS},
    optional={
        "smart_5_raw": RAW,
        "smart_187_raw": RAW,
        "smart_9_raw": RAW,
        "capacity_bytes": RAW,
        "history": st.one_of(st.none(), st.lists(ROWS, max_size=3), st.just({}), st.just([{}] * 101)),
        "failure": st.integers(),
    },
)


def fast(body: bytes) -> Drive | None:
    try:
        return drive_of(decode_drive(body), GET)
    except msgspec.ValidationError:
        return None


def plain(drive: Drive | None) -> Any:
    if drive is None:
        return None

    def values(raw: Any) -> list[float]:
        found: list[float] = np.nan_to_num(np.array(raw, dtype=np.float64), nan=-1).tolist()
        return found

    return (
        drive.date,
        drive.serial_number,
        drive.model,
        values(drive.raw),
        [(age, values(raw)) for age, raw in drive.history],
    )


@given(DRIVES)
def test_what_the_types_accept_is_accepted_with_the_same_values(fields: dict[str, Any]) -> None:
    body = json.dumps(fields).encode()
    found = fast(body)
    faults: list[Fault] = []
    slow = read_drive(msgspec.json.decode(body), ATTRIBUTES, faults)
    assert (slow is None) == bool(faults)
    if found is not None:
        assert plain(found) == plain(slow)


@pytest.mark.parametrize(
    "fields",
    [
        {"smart_5_raw": 48, "smart_187_raw": 194909408.0, "smart_194_raw": None},
        {"serial_number": " Z300 ", "model": "WDC WD20EFRX-68EUZN0"},
        {"capacity_bytes": 4000787030016, "failure": 0},
        {"history": [{"date": "2014-01-18", "smart_5_raw": 8}]},
        {"history": None},
    ],
)
def test_usual_requests_take_the_fast_way(fields: dict[str, Any]) -> None:
    assert fast(json.dumps(record(**fields)).encode()) is not None


@given(st.dates())
def test_the_pattern_of_dates_is_what_is_read(date: Any) -> None:
    assert bool(re.search(DATE_PATTERN, str(date))) == (read_date(str(date)) is not None)
    for text in (f"{date:%Y}-02-29", f"20{date:%y}-02-29", f"20{date:%y}-{date:%m}-31"):
        assert bool(re.search(DATE_PATTERN, text)) == (read_date(text) is not None)


@given(
    st.text(st.characters(max_codepoint=127), max_size=20)
    | st.integers(60, 70).map(lambda size: f" {'x' * size}\t")
    | st.integers(60, 70).map(lambda size: "x" + " " * size + "x")
)
def test_the_pattern_of_texts_is_what_is_read(text: str) -> None:
    drive = read_drive(record(serial_number=text), ATTRIBUTES, [])
    assert bool(re.search(text_pattern(64), text)) == (drive is not None)


def test_one_attribute() -> None:
    row = msgspec.convert(record(smart_5_raw=7), DriveDay, strict=False)
    assert raw_getter([5])(row) == (7.0,)
