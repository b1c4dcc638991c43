import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.csv.rejects import REJECTS_HEADER, Reject, rejects_csv

REJECT = st.builds(
    Reject,
    line=st.integers(2, 10**9),
    code=st.just("bad_value"),
    reason=st.text(st.characters(exclude_categories=["Cs"])),
    text=st.text(st.sampled_from('a,"\r \n\0é')).map(str.encode),
)


@given(st.lists(REJECT))
def test_python_reads_them_back(rejects: list[Reject]) -> None:
    data = (REJECTS_HEADER + rejects_csv(rejects)).decode()
    rows = list(csv.reader(io.StringIO(data, newline=""), strict=True))
    assert rows[0] == ["line", "code", "reason", "text"]
    assert rows[1:] == [[str(r.line), r.code, r.reason, r.text.decode()] for r in rejects]


def test_bytes_that_are_not_utf8_are_shown() -> None:
    assert rejects_csv([Reject(3, "not_utf8", "x", b"a\xe8,\x1f")]) == b'3,not_utf8,x,"a\\xe8,\x1f"\n'


@pytest.mark.parametrize("one", [b"y", b'"', b"\xff", b",\r", "é".encode()])
def test_a_very_long_line_is_shortened_to_what_python_reads(one: bytes) -> None:
    """At most 131,072 characters a field, doubled quotes counted twice."""
    data = rejects_csv([Reject(3, "bad_value", "x", one * 1_000_000)]).decode()
    assert len(data.removeprefix("3,bad_value,x,")) <= csv.field_size_limit() + len('""\n')
    ((*_, text),) = csv.reader(io.StringIO(data, newline=""), strict=True)
    assert len(text) > 15_000
