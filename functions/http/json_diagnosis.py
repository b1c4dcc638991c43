"""A body that the fast JSON reader refused, read again: why it is not JSON, in words and with the position.

Numbers too large for any field are handed on as infinite, so that they are reported with their field and
together with the other faults.
"""

from __future__ import annotations

import codecs
import json
import math
from typing import Any, NoReturn

from functions.errors import BrokenJsonError

_DIGITS = 400
"""A whole number of more digits is larger than any double; Python takes long to read the longest."""


def read_again(body: bytes) -> Any:
    """Decode JSON refused only for numbers beyond a double's range; BrokenJsonError for what is no JSON."""
    if body.startswith(codecs.BOM_UTF8):
        raise _broken("it begins with a byte order mark; save it as UTF-8 without one")
    try:
        text = body.decode()
        found = json.loads(text, parse_constant=_refuse, parse_int=_whole)
    except UnicodeDecodeError as error:
        raise _broken(f"it is not UTF-8 ({error.reason} at byte {error.start})") from None
    except json.JSONDecodeError as error:
        message = error.msg[0].lower() + error.msg[1:]
        raise _broken(f"{message} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise _broken("it is nested too deeply") from None
    if _has_half_a_pair(found):
        raise _broken("it has half of a surrogate pair, such as \\ud800, which is no character")
    return found


def _broken(why: str) -> BrokenJsonError:
    return BrokenJsonError(f"The body is not JSON: {why}.")


def _refuse(name: str) -> NoReturn:
    raise _broken(f"{name} is no JSON number; leave the field out, or send null")


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
