"""Reading a request's body: media type, encoding, size and depth are checked before anything is parsed."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from functions.errors import BodyTooLargeError, BrokenJsonError, EmptyBodyError
from functions.http.errors import (
    BrokenEncodingError,
    TooDeepError,
    TooManyDrivesError,
    UnsupportedEncodingError,
    UnsupportedMediaTypeError,
)
from functions.scoring.online.request_types import HISTORY_LIMIT
from functions.scoring.telemetry import show_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

JSON = "application/json"
SMARTCTL = "application/vnd.smartmontools+json"
CSV = "text/csv"

BRACKETS_OF_A_DRIVE = HISTORY_LIMIT + 2
"""Pairs of them: the drive, its list of earlier rows, and those."""

BRACKETS_OF_OUTPUT = 1_000
"""The same of what smartctl prints of a drive: some 60 pairs for ``-a``, several hundred for ``-x``."""

FRAME = 64
"""Pairs around the drives, in any of the protocols."""

_ARRAY = re.compile(rb"[ \t\r\n]*\[")
_UTF8 = {"utf-8", "utf8", "us-ascii"}
_NO_BRACKETS = bytes(code for code in range(256) if code not in b"[]{}")
_STEPS = np.zeros(256, dtype=np.int8)
_STEPS[[91, 123]], _STEPS[[93, 125]] = 1, -1
_BLOCK = 65_536
"""Bytes that are searched at once: they stay in the processor's cache."""
_GZIP_OR_ZLIB = 47
"""zlib's window bits for "either of the two, look at the header"."""


def media_type(header: str, accepted: Sequence[str]) -> str:
    """Return the body's media type, by default the first accepted; UnsupportedMediaTypeError for others."""
    if not header or header == accepted[0]:
        return accepted[0]
    name, *parameters = (part.strip().lower() for part in header.split(";"))
    charsets = [
        value.strip('"') for key, _, value in (p.partition("=") for p in parameters) if key == "charset"
    ]
    if name in accepted and all(charset in _UTF8 for charset in charsets):
        return name
    msg = (
        f"The body's Content-Type is {show_value(header)}; expected {' or '.join(accepted)}, in UTF-8. "
        f"With curl: -H 'content-type: {accepted[0]}'."
    )
    raise UnsupportedMediaTypeError(msg)


def plain(body: bytes, encoding: str, limit: int) -> bytes:
    """Return the body decompressed, within its limit and in UTF-8.

    Parameters
    ----------
    encoding : str
        The header Content-Encoding: gzip, deflate, identity or nothing.
    limit : int
        Most bytes before and after decompression; no more are ever produced.

    Raises
    ------
    EmptyBodyError, BodyTooLargeError, UnsupportedEncodingError, BrokenEncodingError
    """
    if len(body) > limit:
        msg = (
            f"The body has {len(body)} bytes; at most {limit} are accepted. "
            "Drop whole fleets into the container telemetry."
        )
        raise BodyTooLargeError(msg)
    if encoding and encoding != "identity":
        body = _decompress(body, encoding.strip().lower(), limit)
    if not body or body.isspace():
        msg = "The body is empty; expected a document as the endpoint's documentation shows it."
        raise EmptyBodyError(msg)
    return body


def _decompress(body: bytes, encoding: str, limit: int) -> bytes:
    if encoding not in {"gzip", "x-gzip", "deflate", "identity"}:
        msg = f"The body's Content-Encoding is {show_value(encoding)}; expected gzip, deflate or none."
        raise UnsupportedEncodingError(msg)
    if encoding == "identity":
        return body
    reader = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        data = reader.decompress(body, limit + 1)
    except zlib.error as error:
        msg = f"The body is not {encoding}: {error}."
        raise BrokenEncodingError(msg) from None
    if len(data) > limit:
        msg = f"The body has more than {limit} bytes once it is decompressed; at most that many are accepted."
        raise BodyTooLargeError(msg)
    if not reader.eof or reader.unused_data:
        fault = "ends too early" if not reader.eof else "goes on after its end"
        msg = f"The body is not {encoding}: it {fault}."
        raise BrokenEncodingError(msg)
    return data


def is_array(body: bytes) -> bool:
    """Tell whether a body is a JSON array, by what it begins with."""
    return _ARRAY.match(body) is not None


def check_json(body: bytes, depth: int, most: int | None = None) -> None:
    """Raise BrokenJsonError, TooDeepError or TooManyDrivesError for what a body is before it is parsed.

    Brackets are counted wherever they stand, in texts too: a bound on work and memory is enough.

    Parameters
    ----------
    most : int, optional
        Most drives: more objects and lists than they have with all their history are refused.
    """
    if not body.isascii():
        try:
            body.decode()
        except UnicodeDecodeError as error:
            msg = f"The body is not JSON: it is not UTF-8 ({error.reason} at byte {error.start})."
            raise BrokenJsonError(msg) from None
    each = BRACKETS_OF_OUTPUT if is_array(body) else BRACKETS_OF_A_DRIVE
    brackets = body.translate(None, _NO_BRACKETS) if len(body) <= _BLOCK else _brackets(body)
    if most is not None and len(brackets) > 2 * (most * each + FRAME):
        msg = (
            f"The body has {len(brackets) // 2} objects and lists, more than {most} drives with all that "
            f"belongs to them; at most {most} drives are accepted. Send several requests."
        )
        raise TooManyDrivesError(msg)
    if len(brackets) > depth:
        codes = np.frombuffer(brackets, dtype=np.uint8)
        deepest = int(np.cumsum(_STEPS[codes], dtype=np.int32).max())
        if deepest > depth:
            msg = f"The body is nested {deepest} deep; at most {depth} are accepted."
            raise TooDeepError(msg)


def _brackets(body: bytes) -> NDArray[np.uint8]:
    """Return the brackets of a body in their order: of a long one in half the time that `translate` takes."""
    codes = np.frombuffer(body, dtype=np.uint8)
    found = []
    for start in range(0, len(codes), _BLOCK):
        block = codes[start : start + _BLOCK]
        # But for bit 0x20, which sets braces apart, brackets are 0x5B and 0x5D: those differ by 2.
        found.append(block[np.flatnonzero((((block & 0xDF) - 0x5B) & 0xFD) == 0)])
    return np.concatenate(found)


def read_any(body: bytes) -> Any:
    """Decode JSON of any type; BrokenJsonError when it is none."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # Imported here: requests that are JSON do without it.
        from functions.scoring.json.diagnosis import NotJsonError, read_again

        try:
            return read_again(body)
        except NotJsonError as error:
            msg = f"The body is not JSON: {error}."
            raise BrokenJsonError(msg) from None


def read_object(body: bytes, expected: str = "a JSON object with one drive's telemetry") -> dict[str, Any]:
    """Decode a JSON object; BrokenJsonError when it is none."""
    document = read_any(body)
    if not isinstance(document, dict):
        msg = f"The body is {show_value(document)}; {expected} is expected."
        raise BrokenJsonError(msg)
    return document
