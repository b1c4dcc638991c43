import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.csv import line_checks
from functions.scoring.csv.blocks import Record
from functions.scoring.csv.line_checks import sieve
from functions.scoring.csv.quotes import LineEnd, read_line
from functions.scoring.csv.rejects import REJECT_CODES

PIECES = st.sampled_from([b"a", b",", b'"', b'""', b"\r", b"\r\n", b"\n", b"\xff", b"\xc3\xa9", b" ", b"\0"])


@given(st.lists(PIECES).map(b"".join))
def test_every_line_goes_one_way_and_is_judged_by_itself(data: bytes) -> None:
    data += b"\n"
    lines, rejects = sieve(10, data)
    count = data.count(b"\n")
    assert sorted([*lines.numbers.tolist(), *(reject.line for reject in rejects)]) == list(
        range(10, 10 + count)
    )
    originals = data.replace(b"\r\n", b"\n").split(b"\n")[:-1]
    for place, number in enumerate(lines.numbers.tolist()):
        assert lines.text(place) == originals[number - 10]
    for reject in rejects:
        assert reject.text == originals[reject.line - 10]
        assert reject.code in REJECT_CODES
    for place, line in enumerate(data.split(b"\n")[:-1]):
        alone = sieve(10 + place, line + b"\n")[1]
        assert alone == [reject for reject in rejects if reject.line == 10 + place]


@pytest.mark.parametrize(
    ("line", "code", "reason"),
    [
        (b"", "empty_line", "the line is empty"),
        (b"a,\rb", "carriage_return", "a carriage return stands at byte 3 of the line"),
        (b"a,b\xe8c", "not_utf8", "byte 4 of the line, 0xe8, is not UTF-8"),
        (b'a,"b', "bad_quotes", "unexpected end of data; a quoted field must close on its line"),
        (b'a,"b"c', "bad_quotes", "',' expected after '\"'; a quoted field must close on its line"),
    ],
)
def test_what_is_taken_out(line: bytes, code: str, reason: str) -> None:
    lines, (reject,) = sieve(7, b"good,1\n" + line + b"\nalso,2\n")
    assert (reject.line, reject.code, reject.reason, reject.text) == (8, code, reason, line)
    assert lines.data == b"good,1\nalso,2\n"
    np.testing.assert_array_equal(lines.numbers, [7, 9])


def test_only_doubtful_lines_are_read_by_field(monkeypatch: pytest.MonkeyPatch) -> None:
    read = []

    def spy(line: bytes, *, in_quotes: bool) -> tuple[LineEnd, int]:
        read.append(line)
        return read_line(line, in_quotes=in_quotes)

    monkeypatch.setattr(line_checks, "read_line", spy)
    bad = b'"a"b,"c"'
    good = b'"a","b,""c"""\n' * 500
    lines, rejects = sieve(1, good + bad + b"\n\n" + good)
    assert read == [bad]
    assert [reject.line for reject in rejects] == [501, 502]
    assert lines.data == good * 2


def test_windows_line_ends_are_line_ends() -> None:
    lines, rejects = sieve(2, b'a,1\r\n"b,c",2\r\n')
    assert lines.data == b'a,1\n"b,c",2\n'
    assert not rejects


def test_lines_of_records_are_taken_out_all_of_them() -> None:
    """Those of records that begin before the block too, or end behind it; of two the earlier is told."""
    data = b'x"\na,b\n\n"y\nz\n'
    lines, rejects = sieve(10, data, [Record(8, 10), Record(13, 14), Record(14, 20)])
    assert lines.data == b"a,b\n"
    assert lines.numbers.tolist() == [11]
    assert [(reject.line, reject.code) for reject in rejects] == [
        (10, "quoted_line_break"),
        (12, "empty_line"),
        (13, "quoted_line_break"),
        (14, "quoted_line_break"),
    ]
    assert [reject.reason[:14] for reject in rejects if reject.code == "quoted_line_break"] == [
        "lines 8 to 10 ",
        "lines 13 to 14",
        "lines 13 to 14",
    ]
