"""One object to a row, or to a reject with its code."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.errors import TelemetryFileError
from functions.scoring.csv.blocks import BLOCK_BYTES, Block
from functions.scoring.csv.rejects import REJECT_CODES, TEXT_BYTES
from functions.scoring.json.parser import _SHORTEST, ObjectParser
from functions.scoring.online.request_parser import read_drive
from functions.scoring.smartctl import Stated, telemetry_of
from tests.support.smartctl_outputs import output, outputs, recorded

APART = ObjectParser((5, 197), (194,), each_apart=True)
TOGETHER = ObjectParser((5, 197), (194,), each_apart=False)


def block(*lines: str | bytes, first_line: int = 1) -> Block:
    data = b"".join((line.encode() if isinstance(line, str) else line) + b"\n" for line in lines)
    return Block(first_line, data)


def test_a_row_has_what_telemetry_has_and_what_smartctl_states() -> None:
    rows, rejects = APART.parse(
        block(
            json.dumps(output("S1", raw={5: 7, 194: 30})),
            json.dumps(output("S2", rotation_rate=0)),
            first_line=4,
        )
    )
    assert rejects == []
    assert rows.lines.tolist() == [4, 5]
    assert rows.dates.tolist() == [np.datetime64("2014-01-25").item()] * 2
    assert (rows.serials.to_pylist(), rows.models.to_pylist()) == (["S1", "S2"], ["ST4000DM000-1F2168"] * 2)
    assert np.array_equal(rows.raw, [[7, math.nan, 30], [math.nan] * 3], equal_nan=True)
    assert rows.stated is not None
    assert rows.stated.tolist() == [
        Stated(5980, "Seagate Desktop HDD.15"),
        Stated(0, "Seagate Desktop HDD.15"),
    ]


def test_a_shortest_row_is_one() -> None:
    rows, rejects = APART.parse(Block(1, _SHORTEST))
    assert (len(rows.lines), rejects) == (1, [])
    assert APART.shortest_row == len(_SHORTEST)


GOOD = json.dumps(output("S1"))


@pytest.mark.parametrize(
    ("line", "code", "named"),
    [
        ("", "empty_line", ""),
        (" \t\r", "empty_line", ""),
        ("[]", "no_object", "a list of 0"),
        ("null", "no_object", "nothing"),
        ('"x"', "no_object", "'x'"),
        ("{", "bad_json", "column 2"),
        (GOOD[:-1], "bad_json", "column"),
        (GOOD + GOOD, "bad_json", "column"),
        (GOOD.replace('"S1"', "NaN"), "bad_json", "NaN"),
        (GOOD.replace('"S1"', '"\\ud800"'), "bad_json", "surrogate"),
        (GOOD.encode().replace(b'"S1"', b'"\xff"'), "bad_json", "UTF-8"),
        (GOOD.replace('"S1"', "[" * 100_000 + "]" * 100_000), "bad_json", "deep"),
        (b"\xef\xbb\xbf" + GOOD.encode(), "bad_json", "byte order mark"),
        ("{}", "no_attributes", "ata_smart_attributes"),
        (json.dumps(recorded("nvme-970-evo-plus")), "not_ata", "NVMe"),
        (json.dumps(recorded("sas-hitachi")), "not_ata", "SCSI"),
        (json.dumps(recorded("standby")), "no_attributes", "STANDBY"),
        (json.dumps(recorded("gone")), "no_attributes", "ata_smart_attributes"),
        (json.dumps(output("S1", local_time={})), "bad_date", "local_time.time_t"),
        (json.dumps(output("S1", local_time={"time_t": 0})), "bad_date", "1970-01-01"),
        (json.dumps(output("")), "bad_serial_number", "serial_number"),
        (json.dumps(output("S1", model_name=None)), "bad_model", "model_name"),
        (json.dumps(output("S1", raw={5: -1})), "bad_value", "table[0].raw.value"),
        (GOOD.replace('"table": []', '"table": [{"id": 5, "raw": {"value": 1e999}}]'), "bad_value", "inf"),
        (json.dumps(output("", model_name="", local_time={}, raw={5: -1})), "bad_date", "local_time"),
        (
            GOOD.replace('"serial_number"', '"serial_number": 7, "serial_number": 8, "x"'),
            "bad_serial_number",
            "8",
        ),
    ],
)
def test_reject(line: str | bytes, code: str, named: str) -> None:
    rows, rejects = APART.parse(block(GOOD, line, GOOD))
    assert rows.lines.tolist() == [1, 3]
    (reject,) = rejects
    assert (reject.line, reject.code) == (2, code)
    assert named in reject.reason
    assert code in REJECT_CODES
    assert len(reject.text) <= TEXT_BYTES


def test_a_faulty_value_of_an_optional_attribute_is_a_missing_one() -> None:
    rows, rejects = APART.parse(block(json.dumps(output("S1", raw={5: 1, 194: -1}))))
    assert rejects == []
    assert np.array_equal(rows.raw, [[1, math.nan, math.nan]], equal_nan=True)


@pytest.mark.parametrize("line", ["", " ", "{", GOOD + GOOD, '{"a": "\r"}'])
def test_a_broken_element_fails_the_file(line: str) -> None:
    with pytest.raises(TelemetryFileError, match=r"\b12\b"):
        TOGETHER.parse(block(GOOD, line, GOOD, first_line=11))


@pytest.mark.parametrize(
    "line", ["null", "{}", '{"a": NaN}', '{"a": "\\ud800"}', "[" * 100_000 + "]" * 100_000]
)
def test_an_element_whose_end_is_known_harms_no_other(line: str) -> None:
    rows, rejects = TOGETHER.parse(block(GOOD, line, GOOD))
    assert (rows.lines.tolist(), [reject.line for reject in rejects]) == ([1, 3], [2])


def test_a_line_longer_than_a_block() -> None:
    long = Block(3, b'{"a": "xxx\n', too_long=True)
    rows, (reject,) = APART.parse(long)
    assert (len(rows.lines), reject.line, reject.code) == (0, 3, "line_too_long")
    with pytest.raises(TelemetryFileError, match=r"\b3\b.* 1 MiB"):
        TOGETHER.parse(long)
    assert BLOCK_BYTES == 2**20


@given(st.lists(outputs(), max_size=4))
def test_rows_are_those_of_one_drive_over_http(documents: list[dict[str, Any]]) -> None:
    rows, rejects = APART.parse(block(*map(json.dumps, documents)))
    assert sorted([*rows.lines.tolist(), *(reject.line for reject in rejects)]) == [
        *range(1, len(documents) + 1)
    ]
    for index, line in enumerate(rows.lines.tolist()):
        document = documents[line - 1]
        fields, _ = telemetry_of(document)
        drive = read_drive(fields, (5, 197), [], family=str(document.get("model_family", "")))
        assert drive is not None
        assert np.array_equal(rows.raw[index, :2], np.asarray(drive.raw), equal_nan=True)
        assert (rows.serials[index].as_py(), rows.models[index].as_py()) == (drive.serial_number, drive.model)
