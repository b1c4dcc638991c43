"""What a hostile body costs, and what is said of it."""

from __future__ import annotations

import gzip
import time
import zlib
from contextlib import nullcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.errors import BodyTooLargeError, BrokenJsonError, EmptyBodyError, RequestError
from functions.http import body as module
from functions.http.body import CSV, JSON, check_json, media_type, plain, read_any, read_object
from functions.http.errors import (
    BrokenEncodingError,
    TooDeepError,
    UnsupportedEncodingError,
    UnsupportedMediaTypeError,
)

LIMIT = 4_194_304
ACCEPTED = (JSON, CSV)


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("", JSON),
        ("application/json", JSON),
        ("Application/JSON ; charset=UTF-8", JSON),
        ("text/csv", CSV),
        ('text/csv; header=present; charset="us-ascii"', CSV),
    ],
)
def test_media_types(header: str, kind: str) -> None:
    assert media_type(header, ACCEPTED) == kind


@pytest.mark.parametrize(
    "header", ["text/plain", "application/json; charset=utf-16", ";", "json", "x" * 10_000]
)
def test_other_media_types(header: str) -> None:
    with pytest.raises(UnsupportedMediaTypeError) as caught:
        media_type(header, ACCEPTED)
    assert "application/json or text/csv, in UTF-8" in caught.value.detail
    assert len(caught.value.detail) < 400


@given(
    st.binary(min_size=1, max_size=200).filter(lambda body: body.strip()),
    st.sampled_from(["gzip", "deflate"]),
)
def test_compressed_bodies_come_back(body: bytes, encoding: str) -> None:
    packed = gzip.compress(body) if encoding == "gzip" else zlib.compress(body)
    assert plain(packed, encoding, LIMIT) == body
    assert plain(body, "", LIMIT) == body


@given(st.binary(min_size=1, max_size=200))
def test_bytes_that_are_not_compressed(body: bytes) -> None:
    try:
        plain(body, "gzip", LIMIT)
    except RequestError as error:
        assert isinstance(error, BrokenEncodingError | EmptyBodyError)  # noqa: PT017


@pytest.mark.parametrize(
    ("body", "encoding", "error"),
    [
        (b"", "", EmptyBodyError),
        (b" \n", "identity", EmptyBodyError),
        (gzip.compress(b"  ", mtime=0), "gzip", EmptyBodyError),
        (b"x" * (LIMIT + 1), "", BodyTooLargeError),
        (b"x" * (LIMIT + 1), "gzip", BodyTooLargeError),
        (gzip.compress(b"x" * (LIMIT + 1), mtime=0), "gzip", BodyTooLargeError),
        (gzip.compress(b"{}", mtime=0)[:-1], "gzip", BrokenEncodingError),
        (gzip.compress(b"{}", mtime=0) + b"x", "gzip", BrokenEncodingError),
        (b"{}", "gzip", BrokenEncodingError),
        (b"{}", "br", UnsupportedEncodingError),
        (b"{}", "gzip, gzip", UnsupportedEncodingError),
    ],
)
def test_bodies_that_are_refused(body: bytes, encoding: str, error: type[RequestError]) -> None:
    with pytest.raises(error):
        plain(body, encoding, LIMIT)


def test_a_bomb_is_not_unpacked() -> None:
    bomb = zlib.compress(b"\0" * 500_000_000, 1)
    assert len(bomb) < LIMIT
    start = time.thread_time()
    with pytest.raises(BodyTooLargeError):
        plain(bomb, "deflate", LIMIT)
    assert time.thread_time() - start < 0.2  # half a gigabyte takes longer


@pytest.mark.parametrize("body", [b'{"a": [[[]]]}', b'{"a": "]]]", "b": [1]}', b"1", b'"x"'])
def test_depth_within_the_limit(body: bytes) -> None:
    check_json(body, 4)
    read_any(body)


@pytest.mark.parametrize("body", [b"[" * 100_000, b"[" * 5 + b"]" * 5, b'{"a":' * 5 + b"1" + b"}" * 5])
def test_depth_beyond_the_limit(body: bytes) -> None:
    with pytest.raises(TooDeepError, match=r"\b4\b"):
        check_json(body, 4)


def test_wide_is_not_deep() -> None:
    check_json(b"[" + b"{}," * 100_000 + b"{}]", 2)


@given(st.binary(min_size=1, max_size=100), st.integers(1, 9))
def test_brackets_of_a_long_body_are_found(body: bytes, block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK", block)
        found = module._brackets(body).tobytes()
    assert found == bytes(code for code in body if code in b"[]{}")
    assert module._brackets(bytes(range(256)) * 300).tobytes() == b"[]{}" * 300


@pytest.mark.parametrize(("depth", "deep"), [(4, True), (5, False)])
def test_depth_of_a_long_body(depth: int, deep: bool) -> None:
    body = b'{"a": [' + b"[{}, 7]," * 20_000 + b'[{"b": {}}]]}'
    with pytest.raises(TooDeepError, match=r"\b5\b") if deep else nullcontext():
        check_json(body, depth)


@pytest.mark.parametrize("body", [b"\xff", b'{"a": "\xc3"}', b"\xed\xa0\x80", b"\xef\xbb\xbf\xfe"])
def test_bodies_that_are_not_utf8(body: bytes) -> None:
    with pytest.raises(BrokenJsonError, match="UTF-8"):
        check_json(body, 32)


HOSTILE = {
    "a million keys": b"{" + b",".join(b'"%d":1' % n for n in range(1_000_000)) + b"}",
    "huge numbers": b"[" + b",".join([b"9" * 5000] * 800) + b"]",
    "one number": b"9" * LIMIT,
    "long text": b'"' + b"a" * LIMIT + b'"',
    "brackets in text": b'"' + b"]" * LIMIT + b'"',
    "escapes": b'"' + b"\\u0000" * 600_000 + b'"',
    "deep, hidden by text": b'["' + b"]" * 100_000 + b'",' + b"[" * 100_000,
    "wide": b"[" + b"[]," * 1_000_000 + b"[]]",
    "tokens": b"[" * 16 + b"-",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_costs_its_own_parse(name: str) -> None:
    start = time.thread_time()
    try:
        check_json(HOSTILE[name], 32)
        read_any(HOSTILE[name])
    except RequestError as error:
        assert len(error.detail) < 300  # noqa: PT017
    assert time.thread_time() - start < 2


@given(st.binary(max_size=50))
def test_any_bytes_are_an_object_or_refused(body: bytes) -> None:
    try:
        check_json(body, 32)
        assert isinstance(read_object(body), dict)
    except RequestError as error:
        assert error.status == 400  # noqa: PT017
