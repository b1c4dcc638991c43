import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.http.query_params import Choice, Count
from functions.scoring.telemetry import Fault

COLOUR = Choice("colour", ("red", "blue"), "Which.")
TOP = Count("top", 19, "How many.")


def test_choices() -> None:
    faults: list[Fault] = []
    assert COLOUR.read({}, faults) == "red"
    assert COLOUR.read({"colour": "blue"}, faults) == "blue"
    assert faults == []
    COLOUR.read({"colour": "Blue"}, faults)
    assert faults == [Fault("?colour", "'Blue'", "one of red, blue")]


@pytest.mark.parametrize("text", ["1", "19", "07"])
def test_counts(text: str) -> None:
    assert TOP.read({"top": text}, []) == int(text)
    assert TOP.read({}, []) == 19


@given(st.text())
def test_any_text_is_a_count_or_a_fault(text: str) -> None:
    faults: list[Fault] = []
    assert 1 <= TOP.read({"top": text}, faults) <= 19
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= 19):
        assert [fault.field for fault in faults] == ["?top"]
