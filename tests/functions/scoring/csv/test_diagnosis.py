"""What a file takes for a text and a number is what a request does."""

from __future__ import annotations

import math
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from functions.scoring.csv.diagnosis import diagnose, good_text
from functions.scoring.drive_database import drive_facts
from functions.scoring.raw_values import packing_of
from functions.scoring.telemetry import read_number, read_raw, read_text

SURROGATES = range(0xD800, 0xE000)


@pytest.mark.parametrize("around", ["{}", "a{}b"])
def test_every_code_point(around: str) -> None:
    """Unassigned ones among them, which Arrow takes for printable."""
    texts = [around.format(chr(code)) for code in range(sys.maxunicode + 1) if code not in SURROGATES]
    expected = [read_text(text, 64) is not None for text in texts]
    np.testing.assert_array_equal(good_text(pa.array(texts), 64), expected)


def in_a_file(text: str, attribute: int, name: str) -> float | None:
    """Return the raw value of a field; None where its line is rejected."""
    date, serial, model = (pa.array([value]) for value in ("2014-01-25", "Z", name))
    found = diagnose(date, serial, model, {attribute: pa.array([text])})
    return None if found.faults else float(found.raw[attribute][0])


NUMBERS = st.one_of(
    st.text(alphabet="0123456789.eE+-_ naN", max_size=8),
    st.text(max_size=3),
    st.integers(0, 2**49).map(str),
    st.integers(2**48 - 3, 2**64 + 3).map(str),
    st.integers(2**48 - 3, 2**64 + 3).map(lambda number: f"{number}.0"),
    st.floats().map(repr),
)


DRIVES = st.sampled_from([(187, "X"), (5, "X"), (9, "X"), (9, "ST4000DM004-2CV104"), (1, "ST4000DM000")])


@given(NUMBERS, DRIVES)
@example("1_000", (187, "X"))
@example("\u0661\u0662", (187, "X"))
@example("\uff11", (187, "X"))
@example("inf", (187, "X"))
@example("1e999", (187, "X"))
@example(" 7 ", (187, "X"))
@example("NA", (187, "X"))
@example("9" * 400, (187, "X"))
@example("281474976710655", (187, "X"))
@example("9007199254740993", (187, "X"))
@example("1e19", (187, "X"))
def test_a_number(text: str, drive: tuple[int, str]) -> None:
    attribute, model = drive
    value = read_number(text)
    alone = read_raw(value, packing_of(attribute, drive_facts(model).formats))
    found = in_a_file(text, attribute, model)
    assert (found is None) == (alone is None)
    if found is not None and alone is not None:
        assert found == alone or (math.isnan(found) and math.isnan(alone))
