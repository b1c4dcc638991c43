"""JSON that the fast reader refused, read again: why it is none, in words and with the position.

Numbers too large for any field are handed on as infinite, so that they are reported with their field and
together with the other faults.
"""

from __future__ import annotations

import codecs
import json
import math
from typing import Any, NoReturn

_DIGITS = 400
"""A whole number of more digits is larger than any double; Python takes long to read the longest."""


class NotJsonError(Exception):
    """Bytes are not JSON; the message continues "it is not JSON:".

    Attributes
    ----------
    breaks_syntax : bool
        Whether nobody can tell where the value ends. A number, a text or a depth that JSON does not have, or
        that nobody can use, leaves what stands after it as it is.
    """

    def __init__(self, why: str, *, breaks_syntax: bool = False) -> None:
        super().__init__(why)
        self.breaks_syntax = breaks_syntax


def read_again(data: bytes) -> Any:
    """Decode JSON refused only for numbers beyond a double's range; NotJsonError for what is no JSON."""
    if data.startswith(codecs.BOM_UTF8):
        raise NotJsonError("it begins with a byte order mark; save it as UTF-8 without one")
    try:
        text = data.decode()
        found = json.loads(text, parse_constant=_refuse, parse_int=_whole)
    except UnicodeDecodeError as error:
        why = f"it is not UTF-8 ({error.reason} at byte {error.start})"
        raise NotJsonError(why) from None
    except json.JSONDecodeError as error:
        message = error.msg[0].lower() + error.msg[1:]
        why = f"{message} at line {error.lineno}, column {error.colno}"
        raise NotJsonError(why, breaks_syntax=True) from None
    except RecursionError:
        raise NotJsonError("it is nested too deeply") from None
    if _has_half_a_pair(found):
        raise NotJsonError("it has half of a surrogate pair, such as \\ud800, which is no character")
    return found


def _refuse(name: str) -> NoReturn:
    raise NotJsonError(f"{name} is no JSON number; leave the field out, or send null")


def _whole(digits: str) -> int | float:
    if len(digits) > _DIGITS:
        return -math.inf if digits.startswith("-") else math.inf
    return int(digits)


def _has_half_a_pair(document: Any) -> bool:
    """Say whether a text or a name has a character that UTF-8 cannot carry."""
    waiting: list[Any] = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            if not value.isascii() and _refuses_utf8(value):
                return True
        elif isinstance(value, dict):
            waiting += value
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return False


def _refuses_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
