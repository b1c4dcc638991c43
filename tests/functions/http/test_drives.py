"""What a hostile batch or table costs beyond its parse."""

from __future__ import annotations

import json
import time
import tracemalloc

import pytest

from functions.errors import BrokenJsonError, InvalidTelemetryError
from functions.http.body import CSV, JSON
from functions.http.drives import FAULTS_LIMIT, many_drives
from functions.http.errors import InvalidInputsError, TooManyDrivesError
from functions.http.mlflow_table import read_table
from functions.scoring.telemetry import Fault

WANTED = {"model", "smart_5_raw"}


def test_a_batch_that_is_wrong_everywhere_ends_early() -> None:
    body = json.dumps({"drives": [{"history": [{}] * 100}] * 1000}).encode()
    start = time.thread_time()
    with pytest.raises(InvalidTelemetryError, match=rf"\b{FAULTS_LIMIT}\b") as caught:
        many_drives(body, (5, 187), 1000, [])
    assert time.thread_time() - start < 1
    assert 1 <= len(caught.value.errors) <= 100


def test_faults_of_drives_do_not_fail_the_others() -> None:
    good = {"date": "2014-01-25", "serial_number": "Z", "model": "X"}
    drives, faulty = many_drives(json.dumps({"drives": [good, {}, good]}).encode(), (5,), 3, [])
    assert [drive is None for drive in drives] == [False, True, False]
    assert list(faulty) == [1]
    assert {fault["field"] for fault in faulty[1].errors} == {
        "drives[1].date",
        "drives[1].serial_number",
        "drives[1].model",
    }


GOOD = b'{"date": "2014-01-25", "serial_number": "Z", "model": "X", "smart_5_raw": 1}'


@pytest.mark.parametrize(
    "item", [b"null", b"7", b'{"date": "2014-01-25T"}', GOOD.replace(b"1}", b'1, "history": [{}]}')]
)
def test_one_that_is_not_as_its_type_says_leaves_the_others(item: bytes) -> None:
    drives, faulty = many_drives(b'{"drives": [%b, %b, %b]}' % (GOOD, item, GOOD), (5,), 3, [])
    first, second, third = drives
    assert (second, list(faulty)) == (None, [1])
    assert first is not None
    assert third is not None
    assert list(first.raw) == list(third.raw) == [1.0]


@pytest.mark.parametrize("item", [b'{"note": "\\x"}', b'{"smart_5_raw": 01}', b'{"date": }', b"{"])
def test_one_that_is_not_json_fails_the_request(item: bytes) -> None:
    with pytest.raises(BrokenJsonError):
        many_drives(b'{"drives": [%b, %b]}' % (GOOD, item), (5,), 3, [])


def test_faults_of_the_query_come_along() -> None:
    with pytest.raises(InvalidTelemetryError) as caught:
        many_drives(b"{}", (5,), 3, [Fault("?reasons", "'x'", "one of these")])
    assert [error["field"] for error in caught.value.errors] == ["?reasons", "drives"]


TABLES = {
    "many names": json.dumps({"instances": [{f"n{row}_{n}": 0 for n in range(200)} for row in range(900)]}),
    "many rows": json.dumps({"instances": [{}] * 400_000}),
    "many short rows": json.dumps({"dataframe_split": {"columns": ["model"], "data": [[]] * 400_000}}),
    "many columns": json.dumps({"inputs": {f"n{n}": [] for n in range(200_000)}}),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_hostile_table_costs_its_own_parse(name: str) -> None:
    body = TABLES[name].encode()
    start = time.thread_time()
    try:
        table, _ = read_table(body, JSON, WANTED, 1000)
    except (InvalidInputsError, TooManyDrivesError) as error:
        assert len(error.errors) <= 100  # noqa: PT017 - the other tables are read
    else:
        assert not table
    assert time.thread_time() - start < 2


def test_rows_beyond_the_limit_are_counted_not_kept() -> None:
    tracemalloc.start()
    with pytest.raises(TooManyDrivesError, match=r"\b2000000\b"):
        read_table(b"model\n" + b"a\n" * 2_000_000, CSV, WANTED, 1000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40e6


def test_a_csv_of_line_breaks() -> None:
    start = time.thread_time()
    assert read_table(b"model\n" + b"\n" * 2_000_000, CSV, WANTED, 1000) == ({"model": []}, 0)
    assert time.thread_time() - start < 4
