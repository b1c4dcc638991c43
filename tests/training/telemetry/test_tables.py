from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from training.errors import TelemetrySourceError
from training.telemetry.sources import TelemetryFile
from training.telemetry.tables import attributes_in, columns_of, read_table

HEADER = b"date,serial_number,model,capacity_bytes,failure,smart_5_raw\n"
JAN_1 = dt.date(2025, 1, 1)


def table(tmp_path: Path, content: bytes, attributes: list[int] | None = None) -> pl.DataFrame:
    path = tmp_path / "2025-01-01.csv"
    path.write_bytes(content)
    return read_table(TelemetryFile(path), attributes)


@pytest.mark.parametrize(
    "content",
    [
        HEADER + b"2025-01-01,A,ST4000DM000,4000787030016,0,8\n",
        HEADER.replace(b"\n", b"\r\n") + b"2025-01-01,A,ST4000DM000,4000787030016,0,8\r\n",
        b"\xef\xbb\xbf" + HEADER + b"2025-01-01, A ,  ST4000DM000  ,4000787030016,0,8",
        HEADER + b"2025-01-01,A,ST4000DM000,4000787030016.0,0.0,8.0\n",
        (
            b"SMART_5_RAW, Model ,failure,date,x,serial_number,capacity_bytes\n"
            b"8,ST4000DM000,0,2025-01-01,,A,4000787030016\n"
        ),
        HEADER + b"2025-01-01 00:00:00,A,ST4000DM000,4000787030016,0,8,too,long\n",
    ],
    ids=["plain", "windows", "byte order mark", "floats", "other order", "time and ragged"],
)
def test_every_spelling_gives_the_same_table(tmp_path: Path, content: bytes) -> None:
    read = table(tmp_path, content, [5])
    assert read.rows() == [(JAN_1, "A", "ST4000DM000", 4000787030016, 0, 8)]
    assert read.dtypes == [pl.Date, pl.String, pl.String, pl.Int64, pl.Int8, pl.Int64]


def test_absent_columns_are_null_and_short_lines_too(tmp_path: Path) -> None:
    read = table(tmp_path, b"date,serial_number,model,failure,smart_5_raw\n2025-01-01,A,M,0\n", [5, 187])
    assert read.select("capacity_bytes", "smart_5_raw", "smart_187_raw").rows() == [(None, None, None)]
    assert read.dtypes[3:] == [pl.Int64, pl.Int8, pl.Int64, pl.Int64]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"281474976710655", 2**48 - 1),
        (b"9007199254740993", 2**53 + 1),
        (b"281474976710655.0", 2**48 - 1),
        (b"-1", -1),
        (b"", None),
        (b"1.5", None),
        (b"nan", None),
        (b"inf", None),
        (b"1e400", None),
        (b"99999999999999999999", None),
        (b"n/a", None),
    ],
)
def test_a_raw_value_is_exact_or_null(tmp_path: Path, text: bytes, value: int | None) -> None:
    read = table(tmp_path, HEADER + b"2025-01-01,A,M,1,0," + text + b"\n2025-01-01,B,M,1,0,7.0\n", [5])
    assert read["smart_5_raw"].to_list() == [value, 7]


def test_identity_that_cannot_be_read_is_null(tmp_path: Path) -> None:
    lines = b"01/02/2025,A,M,1,0,\n2025-01-01, ,M,1,0,\n2025-01-01,A,,1,0,\n2025-01-01,A,M,-1,2,\n"
    read = table(tmp_path, HEADER + lines, [])
    assert read.rows() == [
        (None, "A", "M", 1, 0),
        (JAN_1, None, "M", 1, 0),
        (JAN_1, "A", None, 1, 0),
        (JAN_1, "A", "M", None, None),
    ]


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", r"2025-01-01\.csv .*\bdate\b"),
        (b"date,model,failure\n", r"\bserial_number\b.*: date, model, failure"),
        (b"\xff\xfed\x00a\x00", r"UTF-8 .*\bbyte 0\b"),
        (HEADER + b"2025-01-01,\xff,M,1,0,1\n", "utf-8"),
        (HEADER + b'2025-01-01,A,M,1,0,"', r"2025-01-01\.csv "),
    ],
)
def test_what_is_no_day_csv_is_refused_by_name(tmp_path: Path, content: bytes, named: str) -> None:
    with pytest.raises(TelemetrySourceError, match=named):
        table(tmp_path, content)


def test_parquet_of_any_types_gives_the_same_types(tmp_path: Path) -> None:
    path = tmp_path / "fleet.parquet"
    pl.DataFrame(
        {
            "smart_9_raw": [10.0, float("nan")],
            "date": [dt.datetime(2025, 1, 1, 12), None],  # noqa: DTZ001 - releases carry no time zone
            "serial_number": [" A", "B"],
            "model": pl.Series(["M", "M"], dtype=pl.Categorical),
            "failure": [False, True],
            "smart_5_raw": pl.Series([1, 2], dtype=pl.Int16),
        }
    ).write_parquet(path)
    read = read_table(TelemetryFile(path), None)
    assert read.rows() == [(JAN_1, "A", "M", None, 0, 1, 10), (None, "B", "M", None, 1, 2, None)]
    assert columns_of(TelemetryFile(path))[0] == "smart_9_raw"


def test_a_file_that_is_no_parquet_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "fleet.parquet"
    path.write_bytes(HEADER)
    with pytest.raises(TelemetrySourceError, match=r"fleet\.parquet"):
        read_table(TelemetryFile(path), None)


def test_attributes_are_recognised_by_their_raw_column() -> None:
    assert attributes_in(["smart_197_raw", "smart_5_raw", "smart_9_normalized", "smart_x_raw"]) == [5, 197]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300) | st.text(alphabet='ab,"\n\r.01- ', max_size=200).map(str.encode))
def test_any_bytes_give_a_table_or_an_error_for_people(tmp_path: Path, junk: bytes) -> None:
    for content in (junk, HEADER + junk):
        try:
            read = table(tmp_path, content, [5])
        except TelemetrySourceError:
            continue
        assert read.width == 6
