"""What is said of a body that the fast reader refused."""

from __future__ import annotations

import json
import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.errors import BrokenJsonError
from functions.http.body import read_any
from functions.scoring.json.diagnosis import NotJsonError, read_again


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"\xef\xbb\xbf{}", "UTF-8"),
        (b'{"a": \xff}', " byte 6"),
        (b"{", " line 1, column 2"),
        (b'{"a": 1,\n "b" 2}', " line 2, column 6"),
        (b'{"a": 1} {}', " line 1, column 10"),
        (b'{"a": NaN}', ": NaN "),
        (b"[-Infinity]", ": -Infinity "),
        (b'{"a": "\\ud800"}', "surrogate"),
        (b'{"\\udc00": [{}]}', "surrogate"),
        (b'[["\\ud83d", "\\ud83d\\ude00"]]', "surrogate"),
        (b"[" * 100_000, ""),
    ],
)
def test_why_it_is_not_json(body: bytes, named: str) -> None:
    with pytest.raises(NotJsonError) as caught:
        read_again(body)
    assert named in f": {caught.value} "
    with pytest.raises(BrokenJsonError) as answered:
        read_any(body)
    assert str(caught.value) in answered.value.detail
    assert len(answered.value.detail) < 200


@pytest.mark.parametrize(
    ("body", "breaks"),
    [
        (b"{", True),
        (b'{"a": 1} {}', True),
        (b'{"a": "\n"}', True),
        (b'{"a": NaN}', False),
        (b'{"a": \xff}', False),
        (b'{"a": "\\ud800"}', False),
        (b"[" * 100_000, False),
    ],
)
def test_whether_its_end_can_be_told(body: bytes, breaks: bool) -> None:
    with pytest.raises(NotJsonError) as caught:
        read_again(body)
    assert caught.value.breaks_syntax is breaks


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"[1e400]", [math.inf]),
        (b"[-1e400]", [-math.inf]),
        (b"[" + b"9" * 100_000 + b"]", [math.inf]),
        (b"[-" + b"9" * 100_000 + b"]", [-math.inf]),
        (b"[" + b"9" * 30 + b"]", [10**30 - 1]),
    ],
)
def test_numbers_too_large_for_any_field_are_handed_on(body: bytes, value: list[Any]) -> None:
    assert read_any(body) == value


@given(st.binary(max_size=40) | st.text(max_size=40).map(str.encode))
def test_what_it_hands_on_travels_back_as_json(body: bytes) -> None:
    try:
        found = read_any(body)
    except BrokenJsonError as error:
        assert error.detail.endswith(".")  # noqa: PT017
    else:
        msgspec.json.encode(found)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=10))
def test_it_reads_what_the_fast_reader_reads(document: Any) -> None:
    assert read_again(json.dumps(document).encode()) == document
