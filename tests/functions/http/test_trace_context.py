from hypothesis import given
from hypothesis import strategies as st

from functions.http.trace_context import names_of

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


def test_the_callers_names_stay() -> None:
    request_id, trace = names_of("order-66", PARENT)
    assert request_id == "order-66"
    assert trace.startswith(f"00-{TRACE}-")
    assert trace.endswith("-01")
    assert "00f067aa0ba902b7" not in trace
    assert names_of("", PARENT)[0] == TRACE
    assert names_of("", PARENT.replace("00-", "cc-", 1) + "-more")[0] == TRACE


def test_new_names_differ() -> None:
    first, second = names_of("", ""), names_of("", "")
    assert first[0] != second[0]
    assert first[1].split("-")[1] == first[0]
    assert first[1].endswith("-00")


@given(st.text(), st.text())
def test_what_is_malformed_counts_as_absent(request_id: str, traceparent: str) -> None:
    name, trace = names_of(request_id, traceparent)
    assert name.isascii()
    assert name.isprintable()
    assert 1 <= len(name) <= 128
    parts = trace.split("-")
    assert [len(part) for part in parts] == [2, 32, 16, 2]


def test_impossible_traces() -> None:
    for bad in (
        PARENT.upper(),
        PARENT.replace("00-", "ff-", 1),
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        PARENT[:-1],
    ):
        assert names_of("", bad)[1].split("-")[1] != TRACE
