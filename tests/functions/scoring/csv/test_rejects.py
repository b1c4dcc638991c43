import csv
import io

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


def test_a_very_long_line_is_shortened() -> None:
    assert len(rejects_csv([Reject(3, "bad_value", "x", b"y" * 1_000_000)])) < 66_000
