"""A file of what smartctl prints, made a stream of lines with an object each.

Three forms are taken: one object a line; an array of objects; or objects one after another, a single one
among them, printed over several lines. Of the first each line stands for itself, and one that is broken harms
no other. In the others nobody knows where a broken object ends.
"""

from __future__ import annotations

import codecs
import re
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from functions.errors import NO_JSON, TelemetryFileError
from functions.scoring.csv.blocks import BLOCK_BYTES
from functions.scoring.json.structure import COMMA, Structure
from functions.scoring.telemetry import show_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PIECE_BYTES = 1 << 20
"""Looked at at once: places of brackets take several times the bytes."""

HEAD_BYTES = 2 * BLOCK_BYTES
"""Read at most to find out the form."""

FORMS = "one object, an array of objects, or one object a line, as smartctl -a -j prints them"

_BLANK = b" \t\r\n"
_FIRST_LINES = re.compile(rb"[ \t\r\n]*+([^\n]+)\n[ \t\r\n]*([^ \t\r\n])")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SNIFFED = 64
"""Bytes in which a NUL says that the file is no UTF-8."""

_LINE_FEED = ord("\n")


class ObjectLines(NamedTuple):
    """The objects of a file.

    Attributes
    ----------
    each_apart : bool
        Whether the file itself has one object a line; the numbers of lines are the file's own then.
    lines : iterator of bytes
        Lines in chunks of any size. A line feed within an object has become a carriage return: between
        values JSON takes the one for the other, and within texts neither.
    """

    each_apart: bool
    lines: Iterator[bytes]


def object_lines(chunks: Iterable[bytes]) -> ObjectLines:
    """Find out in which form a file has its objects, and return them.

    Parameters
    ----------
    chunks : iterable of bytes
        The file, uncompressed, in chunks of any size; the lines do not depend on where they are cut.

    Raises
    ------
    TelemetryFileError
        The file is empty, not UTF-8, or begins like none of the forms. While the lines are read: it is cut
        off, or brackets do not fit.
    """
    source = iter(chunks)
    head = bytearray()
    for chunk in source:
        head += chunk
        if len(head) >= _SNIFFED and (
            len(head) >= HEAD_BYTES or _begins_array(head) or _FIRST_LINES.match(_plain(head))
        ):
            break
    pieces = _in_pieces(chain([_plain(head)], source))
    # What is decided here must not depend on how much of the file came with the last chunk.
    begin = bytes(head[:HEAD_BYTES])
    if begin.startswith(_UTF16) or b"\0" in begin[:_SNIFFED]:
        msg = "The file is not UTF-8; it looks like UTF-16 or a binary file. Save it as UTF-8."
        raise TelemetryFileError(msg)
    begin = _plain(begin)
    if _begins_array(begin):
        return ObjectLines(each_apart=False, lines=_elements(pieces))
    found = _FIRST_LINES.match(begin)
    first, after = found.groups() if found else (begin, b"")
    is_whole = found is not None or len(head) < HEAD_BYTES
    if _is_object_a_line(first.strip(_BLANK), after, whole=is_whole):
        return ObjectLines(each_apart=True, lines=pieces)
    return ObjectLines(each_apart=False, lines=_objects(pieces))


def _plain(begin: bytes | bytearray) -> bytes:
    """Return the beginning of a file without a byte order mark."""
    return bytes(begin.removeprefix(codecs.BOM_UTF8))


def _begins_array(begin: bytes | bytearray) -> bool:
    return _plain(begin).lstrip(_BLANK).startswith(b"[")


def _is_object_a_line(first: bytes, after: bytes, *, whole: bool) -> bool:
    """Tell whether each line is an object, by the first line and the character that comes after it.

    *whole* says whether the first line is there to its end; nothing comes after it where it is the last.
    """
    if not first:
        msg = f"The file is empty or begins with blanks alone; expected {FORMS}."
        raise TelemetryFileError(msg)
    if first == b"{":  # smartctl, jq and JavaScript begin so when they print over several lines
        return False
    if after == b"{" or _is_json(first):
        return True
    if not first.startswith(b"{"):
        text = first[:60].decode(errors="backslashreplace")
        msg = f"The file begins with {show_value(text)}; expected {FORMS}. A table is named .csv."
        raise TelemetryFileError(msg)
    return not (whole and after)


def _is_json(line: bytes) -> bool:
    try:
        msgspec.json.decode(line)
    except NO_JSON:
        return False
    return True


def _in_pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        for start in range(0, len(chunk), PIECE_BYTES):
            yield chunk[start : start + PIECE_BYTES]


def _elements(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Put the elements of an array on a line each."""
    structure = Structure()
    number = 0  # of the element that is being read; 0 before the first
    is_begun = is_over = False
    for each in pieces:
        piece = each
        if not number:
            # The bracket that opens the array, and blanks around it.
            piece = piece.lstrip(_BLANK)
            if not is_begun and piece:
                piece, is_begun = piece[1:].lstrip(_BLANK), True
            if not piece:
                continue
            number = 0 if piece.startswith(b"]") else 1
        if is_over:
            _refuse_rest(piece)
            continue
        places = structure.look(piece)
        closed = np.flatnonzero(places.depths < 0)
        end = len(piece)
        if len(closed):
            is_over, end = True, int(places.at[closed[0]])
        commas = places.at[(places.codes == COMMA) & (places.depths == 0) & (places.at < end)]
        line = np.frombuffer(bytearray(piece[:end].replace(b"\n", b"\r")), dtype=np.uint8)
        line[commas] = _LINE_FEED
        yield line.tobytes()
        number += len(commas)
        if is_over:
            if piece[end : end + 1] != b"]":
                msg = f"The array is closed by a brace after object {number}; expected ] or a comma."
                raise TelemetryFileError(msg)
            yield b"\n" if number else b""
            _refuse_rest(piece[end + 1 :])
            number = max(1, number)
    if not is_over:
        raise _cut_off(max(1, number))


def _objects(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Put objects that follow each other on a line each."""
    structure = Structure()
    number = 1
    is_between = True
    for piece in pieces:
        places = structure.look(piece)
        ends = places.at[(places.steps < 0) & (places.depths <= 0)].tolist()
        astray = places.at[places.depths < 0]
        if len(astray):
            number += ends.index(int(astray[0]))
            msg = f"A bracket is closed before object {number} that was not opened."
            raise TelemetryFileError(msg)
        text = piece.replace(b"\n", b"\r")
        lines = []
        start = 0
        for end in ends:
            part = text[start : end + 1]
            lines.append(part.lstrip(_BLANK) if is_between else part)
            is_between, start = True, end + 1
        number += len(ends)
        rest = text[start:]
        if is_between:
            rest = rest.lstrip(_BLANK)
            is_between = not rest
        yield b"".join(line + b"\n" for line in lines) + rest
    if not is_between:
        raise _cut_off(number)


def _refuse_rest(rest: bytes) -> None:
    rest = rest.strip(_BLANK)
    if rest:
        found = show_value(rest[:1].decode(errors="backslashreplace"))
        msg = f"After the end of the array stands {found}; expected nothing. Write all objects in one array."
        raise TelemetryFileError(msg)


def _cut_off(number: int) -> TelemetryFileError:
    return TelemetryFileError(
        f"The file ends within object {number}: it was cut off, or a quote or a bracket is not closed there "
        "or before. Upload it again, or write one object a line: a broken one then harms no other."
    )
