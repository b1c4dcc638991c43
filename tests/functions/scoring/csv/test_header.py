import csv
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.errors import TelemetryFileError
from functions.scoring.csv import header
from functions.scoring.csv.header import MAX_COLUMNS, Header, read_header

ATTRIBUTES = (5, 187, 194)
REQUIRED = (5, 187)


def read(line: bytes) -> Header:
    return read_header(line, ATTRIBUTES, REQUIRED)


def test_places_of_the_columns_in_any_order() -> None:
    found = read(b"smart_187_raw,model,x,date,smart_5_normalized,serial_number,smart_194_raw\n")
    assert found == Header(7, (3, 5, 1), {187: 0, 194: 6})


@pytest.mark.parametrize(
    "line",
    [
        b"date,serial_number,model,smart_5_raw",
        b"\xef\xbb\xbfdate,serial_number,model,smart_5_raw\r\n",
        b' Date ,SERIAL_NUMBER,"model",Smart_5_raw \n',
        b"date,serial_number,model,smart_5_raw\n",
    ],
)
def test_the_ways_programs_write_it(line: bytes) -> None:
    assert read(line) == Header(4, (0, 1, 2), {5: 3})


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (b"\n", ("date, serial_number, model",)),
        (b"", ("date, serial_number, model",)),
        (
            "date,serial_number\n".encode("utf-16"),
            ("UTF-16",),
        ),
        (b"date\0,model\n", ("UTF-16",)),
        (b"date,mod\xe8le\n", ("UTF-8 (byte 9)",)),
        (b"date,model\r2014-01-25,ST\r", ("carriage returns",)),
        (b'date,"model\n', ("CSV: ",)),
        (b"date;serial_number;model\n", ("semicolons",)),
        (b"date\tserial_number\tmodel\n", ("tabs",)),
        (b"date|serial_number|model\n", ("vertical bars",)),
        (
            b"date,model,smart_5_raw\n",
            (" serial_number; ", " 3 columns", " date, model, smart_5_raw. "),
        ),
        (
            b"2014-01-25,Z1,ST4000DM000,0,0,0,0\n",
            (" date, serial_number, model; ", " 7 columns", " 2014-01-25, z1, st4000dm000, 0, 0. "),
        ),
        (
            b"date,serial_number,model,smart_194_raw\n",
            (": smart_5_raw, smart_187_raw.",),
        ),
        (
            b"date,serial_number,model,date,smart_5_raw,smart_5_raw\n",
            (" date, smart_5_raw ",),
        ),
    ],
)
def test_what_is_said(line: bytes, named: tuple[str, ...]) -> None:
    with pytest.raises(TelemetryFileError) as caught:
        read(line)
    assert [value for value in named if value not in caught.value.detail] == []


def test_columns_that_do_not_matter_may_be_there_twice() -> None:
    assert read(b"date,serial_number,model,smart_5_raw,x,x,smart_9_raw,smart_9_raw").width == 8


def test_a_header_as_wide_as_is_allowed() -> None:
    more = MAX_COLUMNS - 4
    assert read(b"date,serial_number,model,smart_5_raw" + b"," * more).width == MAX_COLUMNS
    quoted = b'date,serial_number,model,smart_5_raw,"' + b"," * MAX_COLUMNS + b'"'
    assert read(quoted).width == 5


@pytest.mark.parametrize("beginning", [b"", b"\xef\xbb\xbf"])
def test_commas_in_quotes_after_a_mark(beginning: bytes) -> None:
    quoted = beginning + b'"' + b"," * MAX_COLUMNS + b'",date,serial_number,model,smart_5_raw'
    assert read(quoted).width == 5


@pytest.mark.parametrize("name", [b"", b"smart_5_raw", b'"a,b"', b'x"', b'"a""b,"'])
def test_a_header_that_is_too_wide_is_refused_at_no_cost(name: bytes) -> None:
    line = b"date,serial_number,model,smart_5_raw" + (b"," + name) * (1_000_000 // (len(name) + 1))
    tracemalloc.start()
    try:
        with pytest.raises(TelemetryFileError, match=r"[0-9,]+ columns; 2,000\b"):
            read(line)
        assert tracemalloc.get_traced_memory()[1] < 4 * len(line)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("commas", [MAX_COLUMNS, 1_000_000])
def test_quotes_within_fields_hide_no_columns(commas: int) -> None:
    line = b'date,serial_number,model,smart_5_raw,x"' + b"," * commas + b'y"'
    with pytest.raises(TelemetryFileError, match=rf"\b{commas + 5:,} columns; 2,000\b"):
        read(line)


@given(st.lists(st.sampled_from([b",", b'"', b"x", b'""', b',"'])).map(b"".join))
def test_columns_are_counted_as_they_are_read(more: bytes) -> None:
    line = b"date,serial_number,model,smart_5_raw," + more
    try:
        width = len(next(csv.reader([line.decode()], strict=True)))
    except csv.Error:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(header, "MAX_COLUMNS", 7)
        if width <= 7:
            assert read(line).width == width
            return
        with pytest.raises(TelemetryFileError, match=rf"\b{width} columns; 7\b"):
            read(line)


@given(
    st.lists(
        st.sampled_from([b"date", b"serial_number", b"model", b"smart_5_raw", b",", b'"', b"\r", b"\xff"])
    ).map(b"".join)
    | st.binary()
)
def test_any_line_is_read_or_refused(line: bytes) -> None:
    line = line.replace(b"\n", b"")
    try:
        found = read(line + b"\n")
    except TelemetryFileError:
        pass
    else:
        assert max([*found.identity, *found.raw.values()]) < found.width
