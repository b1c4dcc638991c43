"""The three forms of a file, however they are written and cut into chunks: the same objects."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from functions.errors import TelemetryFileError
from functions.scoring.csv.blocks import inflate
from functions.scoring.json.objects import HEAD_BYTES, PIECE_BYTES, object_lines
from tests.support.drives import cut

TEXTS = st.text(max_size=6) | st.text('"\\{}[],:\n\r\t', max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)
OBJECTS = st.lists(st.dictionaries(TEXTS, VALUES, max_size=3), min_size=1, max_size=5)
CUTS = st.lists(st.integers(0, 40), min_size=1, max_size=5)
BLANKS = st.text(" \t\r\n", max_size=3)
BEFORE = BLANKS.map(lambda blanks: " " * 64 + blanks) | BLANKS
"""The form is looked for in 64 bytes at least; what comes after them is read as it is cut."""


def read(data: bytes, sizes: list[int] | None = None) -> tuple[bool, list[bytes]]:
    """Return whether each object has its line, and the lines without their ends."""
    found = object_lines(cut(data, sizes or [len(data)]))
    text = b"".join(found.lines)
    return found.each_apart, text.removesuffix(b"\n").split(b"\n") if text else []


def decoded(data: bytes, sizes: list[int] | None = None) -> list[Any]:
    return [json.loads(line) for line in read(data, sizes)[1] if line.strip()]


@given(OBJECTS, CUTS, st.booleans(), st.booleans(), st.booleans())
def test_one_object_a_line(
    objects: list[Any], sizes: list[int], ascii_alone: bool, ends: bool, bom: bool
) -> None:
    text = "\r\n".join(json.dumps(each, ensure_ascii=ascii_alone) for each in objects) + "\n" * ends
    data = b"\xef\xbb\xbf" * bom + text.encode(errors="replace")
    assert decoded(data, sizes) == [json.loads(line) for line in text.encode(errors="replace").splitlines()]
    assert read(data, sizes)[0]


@given(st.lists(VALUES, max_size=5), CUTS, st.sampled_from([None, 0, 1, "\t"]), BEFORE, BLANKS)
@example([], [1], None, "\n", " ")
@example([[]], [1], None, "", "")
@example(["a]", "\\"], [1], 1, "", "")
def test_an_array(
    elements: list[Any], sizes: list[int], indent: int | str | None, before: str, after: str
) -> None:
    data = (before + json.dumps(elements, indent=indent) + after).encode(errors="replace")
    assert decoded(data, sizes) == json.loads(data)
    assert read(data, sizes) == read(data)
    assert not read(data)[0]


@given(OBJECTS, CUTS, st.integers(0, 3), BEFORE)
def test_objects_over_several_lines(objects: list[Any], sizes: list[int], indent: int, between: str) -> None:
    # An empty object is written on one line; the first decides the form.
    objects = [{"a": 1, **objects[0]}, *objects[1:]]
    texts = [json.dumps(each, indent=indent).encode(errors="replace") for each in objects]
    data = between.encode() + (between.encode() + b"\n").join(texts)
    assert decoded(data, sizes) == [json.loads(each) for each in texts]
    assert read(data, sizes) == read(data)
    assert not read(data)[0]


BROKEN = st.lists(
    st.sampled_from(
        [b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b" ", b"\n", b"1", b"a", b'{"a":1}', b"[]"]
    ),
    max_size=12,
).map(b"".join)


@given(BROKEN, CUTS)
@example(b"]", [1])
@example(b"1,", [1])
@example(b",1", [1])
@example(b"1]1", [1])
@example(b"1}]", [1])
@example(b'"\\"]', [1])
@example(b'"\\\\"', [1])
def test_an_array_is_taken_if_and_only_if_it_is_json(inner: bytes, sizes: list[int]) -> None:
    data = b" " * 64 + b"[" + inner + b"]"
    try:
        wanted = json.loads(data)
    except ValueError:
        wanted = None
    try:
        found = [json.loads(line) for line in read(data, sizes)[1]]
    except (ValueError, TelemetryFileError):
        found = None
    assert found == wanted


@given(
    st.binary(max_size=60) | BROKEN,
    st.sampled_from([b"", b" " * 64, b" " * 64 + b"[", b" " * 64 + b"{\n"]),
    CUTS,
)
def test_any_bytes_are_cut_the_same_way_however_they_come(
    inner: bytes, before: bytes, sizes: list[int]
) -> None:
    data = before + inner

    def told(chunks: list[int]) -> Any:
        try:
            return read(data, chunks)
        except TelemetryFileError as error:
            return error.detail

    assert told(sizes) == told([len(data) or 1])


@pytest.mark.parametrize(
    ("data", "each_apart", "lines"),
    [
        (b'{"a": 1}', True, 1),
        (b'{"a": 1}\n{"a": 2}\n', True, 2),
        (b'{"a": [1\n{"a": 2}\n{"a": 3}\n', True, 3),  # the first is cut off
        (b'smartctl failed\n{"a": 2}\n', True, 2),
        (b'{"a": 1}\nsmartctl failed\n{"a": 2}\n', True, 3),
        (b'{"a": 1, "b', True, 1),
        (b'{"a":\n1}\n', False, 1),
        (b'{\n"a": 1\n}{\n"a": 2\n}', False, 2),
        (b'\n\n[{"a": 1},\n{"a": 2}]\n', False, 2),
        (b"[]", False, 0),
        (b'{"a": "' + b"x" * HEAD_BYTES + b'"}\n{}\n', True, 2),
    ],
)
def test_form(data: bytes, each_apart: bool, lines: int) -> None:
    for sizes in ([len(data)], [1] if len(data) < 1000 else [65_536]):
        found, texts = read(data, sizes)
        assert (found, len([text for text in texts if text])) == (each_apart, lines)


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"date,serial_number,model\n2014-01-25,S,M\n", ".csv"),
        ('{"a": 1}'.encode("utf-16"), "UTF-16"),
        ("[]".encode("utf-16-le"), "UTF-16"),
        (b"\x7fELF\0\0\0", "binary"),
        (b'[{"a": 1}, {"b": ', " object 2"),
        (b'[{"a": 1}', " object 1"),
        (b"[", " object 1"),
        (b'[{"a": "x}, {"b": 2}]', " object 1"),
        (b'[{"a": 1}] [{"a": 2}]', "'['"),
        (b'[{"a": 1}, {"a": 2}}', " object 2"),
        (b'{\n"a": 1\n}\n{\n"a": ', " object 2"),
        (b'{\n"a": 1\n}}', " object 2"),
        (b'{\n"a": 1\n} nothing', " object 2"),
    ],
)
def test_what_fails_as_a_whole(data: bytes, named: str) -> None:
    for sizes in ([len(data) or 1], [1]):
        with pytest.raises(TelemetryFileError) as caught:
            read(data, sizes)
        assert named in caught.value.detail


def test_a_cut_between_any_two_bytes_of_an_escape() -> None:
    data = json.dumps([{"a": '\\"]},{["', "\\": "\\\\"}, {"b": "}\\"}] * 3).encode()
    for size in range(1, len(data)):
        assert decoded(data, [size]) == json.loads(data)


@pytest.mark.slow
def test_a_large_array_is_cut_piece_by_piece() -> None:
    elements = [{"n": number, "text": '{"\\' * (number % 7)} for number in range(100_000)]
    data = json.dumps(elements).encode()
    assert len(data) > 3 * PIECE_BYTES
    assert decoded(data) == elements
    assert decoded(b"".join(inflate(cut(gzip.compress(data), [999])))) == elements
