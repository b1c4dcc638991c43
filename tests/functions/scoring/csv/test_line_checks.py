import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.csv import line_checks
from functions.scoring.csv.line_checks import check_lines
from functions.scoring.csv.quotes import fault_of_quotes
from functions.scoring.csv.rejects import REJECT_CODES

PIECES = st.sampled_from([b"a", b",", b'"', b'""', b"\r", b"\r\n", b"\n", b"\xff", b"\xc3\xa9", b" ", b"\0"])


@given(st.lists(PIECES).map(b"".join))
def test_every_line_goes_one_way_and_is_judged_by_itself(data: bytes) -> None:
    data += b"\n"
    lines, rejects = check_lines(10, data)
    count = data.count(b"\n")
    assert sorted([*lines.numbers.tolist(), *(reject.line for reject in rejects)]) == list(
        range(10, 10 + count)
    )
    originals = data.replace(b"\r\n", b"\n").split(b"\n")[:-1]
    for index, number in enumerate(lines.numbers.tolist()):
        assert lines.text(index) == originals[number - 10]
    for reject in rejects:
        assert reject.text == originals[reject.line - 10]
        assert reject.code in REJECT_CODES
    for index, line in enumerate(data.split(b"\n")[:-1]):
        alone = check_lines(10 + index, line + b"\n")[1]
        assert alone == [reject for reject in rejects if reject.line == 10 + index]


@pytest.mark.parametrize(
    ("line", "code", "named"),
    [
        (b"", "empty_line", ""),
        (b"a,\rb", "carriage_return", "byte 3 "),
        (b"a,b\xe8c", "not_utf8", "byte 4 "),
        (b'a,"b', "bad_quotes", ""),
        (b'a,b",c', "bad_quotes", ""),
        (b'a,"b"c', "bad_quotes", "','"),
    ],
)
def test_what_is_taken_out(line: bytes, code: str, named: str) -> None:
    lines, (reject,) = check_lines(7, b"good,1\n" + line + b"\nalso,2\n")
    assert (reject.line, reject.code, reject.text) == (8, code, line)
    assert named in reject.reason
    assert lines.data == b"good,1\nalso,2\n"
    np.testing.assert_array_equal(lines.numbers, [7, 9])


def test_only_doubtful_lines_are_read_by_field(monkeypatch: pytest.MonkeyPatch) -> None:
    read = []

    def spy(line: bytes) -> str | None:
        read.append(line)
        return fault_of_quotes(line)

    monkeypatch.setattr(line_checks, "fault_of_quotes", spy)
    bad = b'"a"b,"c"'
    good = b'"a","b,""c"""\n' * 500
    lines, rejects = check_lines(1, good + bad + b"\n\n" + good)
    assert read == [bad]
    assert [reject.line for reject in rejects] == [501, 502]
    assert lines.data == good * 2


def test_windows_line_ends_are_line_ends() -> None:
    lines, rejects = check_lines(2, b'a,1\r\n"b,c",2\r\n')
    assert lines.data == b'a,1\n"b,c",2\n'
    assert not rejects


@given(st.lists(st.text('",ab \n', max_size=8), min_size=1, max_size=5), st.sampled_from([b"\n", b"\r\n"]))
def test_both_ends_of_a_record_over_several_lines_are_taken_out(fields: list[str], end: bytes) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow([*fields, "x"])
    written = text.getvalue().encode().split(b"\n")[:-1]
    rejects = {reject.line for reject in check_lines(1, b"".join(line + end for line in written))[1]}
    if len(written) == 1:
        assert not rejects
    else:
        assert {1, len(written)} <= rejects
