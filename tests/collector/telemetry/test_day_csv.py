from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.drives.reading import Row
from collector.errors import ConfigurationError
from collector.telemetry.day_csv import (
    ATTRIBUTES,
    COLUMNS,
    DayTable,
    csv_text,
    drive_day,
    read_csv,
    with_rows,
)
from functions.scoring.csv.header import read_header
from functions.scoring.smart import ATTRIBUTES as KNOWN
from functions.scoring.telemetry import IDENTITY_COLUMNS, RAW_COLUMNS

EMPTY = DayTable([], [])

names = st.text(string.ascii_letters + string.digits + ' ,";-_äß', min_size=1, max_size=12)
rows_ = st.lists(
    st.fixed_dictionaries(
        {
            "date": st.dates().map(str),
            "serial_number": st.sampled_from(["A", "B", "C"]) | names,
            "model": st.sampled_from(["M", "N"]) | names,
        },
        optional={
            "capacity_bytes": st.integers(0, 2**63).map(str),
            "smart_status_passed": st.sampled_from(["true", "false"]),
            "smart_5_raw": st.integers(0, 2**64 - 1).map(str),
            "smart_231_raw": st.integers(0, 2**64 - 1).map(str),
            "smart_22_raw": st.integers(0, 2**64 - 1).map(str),
        },
    ),
    max_size=8,
)


def test_the_columns_are_those_of_the_app() -> None:
    assert tuple(KNOWN) == ATTRIBUTES
    assert set(IDENTITY_COLUMNS) | set(RAW_COLUMNS) == set(COLUMNS) - {
        "capacity_bytes",
        "smart_status_passed",
    }


def test_a_table_without_attributes_has_a_header_that_the_app_takes() -> None:
    row = {"date": "2026-11-30", "serial_number": "S", "model": "NVMe"}
    header = csv_text(with_rows(EMPTY, [row])).splitlines()[0].encode()
    assert read_header(header, tuple(KNOWN), (197,)).width == len(COLUMNS)


@given(rows_, rows_)
def test_adding_again_changes_nothing(before: list[Row], added: list[Row]) -> None:
    once = with_rows(with_rows(EMPTY, before), added)
    assert with_rows(once, added) == once
    assert csv_text(with_rows(once, added)) == csv_text(once)


@given(rows_, rows_)
def test_no_drive_day_is_there_twice_and_none_is_lost(before: list[Row], added: list[Row]) -> None:
    table = with_rows(with_rows(EMPTY, before), added)
    days = [drive_day(row) for row in table.rows]
    assert len(set(days)) == len(days)
    assert set(days) == {drive_day(row) for row in before + added}
    newest = {drive_day(row): row for row in added}
    assert [row for row in table.rows if drive_day(row) in newest] == [
        newest[day] for day in days if day in newest
    ]


@given(rows_, rows_)
def test_rows_that_are_not_replaced_stay_as_they_are_and_where_they_are(
    before: list[Row], added: list[Row]
) -> None:
    first = with_rows(EMPTY, before)
    later = with_rows(first, added)
    assert [drive_day(row) for row in later.rows][: len(first.rows)] == [drive_day(row) for row in first.rows]
    replaced = {drive_day(row) for row in added}
    assert [row for row in later.rows if drive_day(row) not in replaced] == [
        row for row in first.rows if drive_day(row) not in replaced
    ]


@given(rows_)
def test_what_is_written_is_read(rows: list[Row]) -> None:
    table = with_rows(EMPTY, rows)
    again = read_csv(csv_text(table).encode(), "x.csv")
    assert again.columns == table.columns
    assert [{column: cell for column, cell in row.items() if cell} for row in again.rows] == table.rows


def test_columns_of_others_stay() -> None:
    text = "failure,model,serial_number,date,smart_5_raw\n0,M,S,2026-11-29,3\n"
    row = {"date": "2026-11-30", "serial_number": "S", "model": "M", "smart_5_raw": "4", "smart_22_raw": "1"}
    lines = csv_text(with_rows(read_csv(text.encode(), "x"), [row])).splitlines()
    assert lines[0].startswith("failure,model,serial_number,date,smart_5_raw,capacity_bytes,")
    assert lines[0].endswith(",smart_22_raw")
    assert lines[1].startswith("0,M,S,2026-11-29,3,")
    assert lines[2].startswith(",M,S,2026-11-30,4,")


def test_a_byte_order_mark_and_blank_lines() -> None:
    table = read_csv(b"\xef\xbb\xbfdate,serial_number,model\r\n\r\n2026-11-30,S,M\r\n", "x")
    assert table.rows == [{"date": "2026-11-30", "serial_number": "S", "model": "M"}]


@pytest.mark.parametrize(
    "content",
    [
        b"a,b,c\n1,2,3\n",
        b"date,model\n2026-11-30,M\n",
        b"date,serial_number,model,model\n",
        b"date,serial_number,model\n2026-11-30,S\n",
        b"date,serial_number,model\n2026-11-30,S,M,4\n",
        b"\xff\xfed\x00a\x00",
        b'date,serial_number,model\n2026-11-30,"S"x,M\n',
    ],
)
def test_what_is_no_telemetry_is_left_alone(content: bytes) -> None:
    with pytest.raises(ConfigurationError, match=r"x\.csv"):
        read_csv(content, "x.csv")
