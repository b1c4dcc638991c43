"""ASP.NET's route constraints: those its ``DefaultInlineConstraintResolver`` knows, with .NET's parsing.

Numbers are read as .NET reads them in the invariant culture: white space around, a sign, a fixed range.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from devhost.http.dates import is_date_time
from devhost.http.route_template import TemplateError

type Check = Callable[[str], bool]

INT_32 = range(-(2**31), 2**31)
INT_64 = range(-(2**63), 2**63)
LARGEST_DECIMAL = 79228162514264337593543950335

_INTEGER = re.compile(r"[\t-\r ]*([+-]?[0-9]+)[\t-\r ]*\x00*")
_DIGITS = r"(?:[0-9][0-9,]*(?:\.[0-9]*)?|\.[0-9]+)"
_DECIMAL = re.compile(rf"[\t-\r ]*(?:[+-]?{_DIGITS}|{_DIGITS}[+-])[\t-\r ]*\x00*")
_DOUBLE = re.compile(rf"[\t-\r ]*(?:[+-]?{_DIGITS}(?:[eE][+-]?[0-9]+)?|[+-]?(?i:infinity|nan))[\t-\r ]*\x00*")
_HEX = "[0-9a-fA-F]"
_DASHED = rf"{_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}"
_NESTED = (
    rf"\{{0x{_HEX}{{1,8}},0x{_HEX}{{1,4}},0x{_HEX}{{1,4}},\{{(?:0x{_HEX}{{1,2}},){{7}}0x{_HEX}{{1,2}}\}}\}}"
)
_GUID = re.compile(rf"{_HEX}{{32}}|{_DASHED}|\{{{_DASHED}\}}|\({_DASHED}\)|{_NESTED}", re.IGNORECASE)
_ALPHA = re.compile(r"^[a-z]*$", re.IGNORECASE)


def constraint(text: str) -> Check:
    """Build the check of one constraint, as it stands in a template.

    Raises
    ------
    TemplateError
        If ASP.NET has no such constraint, or none with these arguments.
    """
    name, opening, rest = text.partition("(")
    has_argument = bool(opening) and text.endswith(")")
    if opening and not has_argument:
        name = text
    argument = rest[:-1] if has_argument else None
    name = name.lower()
    if name == "regex":
        return _regex(argument)
    arguments = [] if argument is None else [piece.strip() for piece in argument.split(",")]
    counts = {**dict.fromkeys(_PLAIN, (0,)), **{key: takes for key, (takes, _) in _COUNTED.items()}}
    if name not in counts:
        known = ", ".join(sorted([*counts, "regex"]))
        raise TemplateError(f"there is no route constraint {text!r}; expected one of {known}")
    if len(arguments) not in counts[name]:
        wanted = " or ".join(str(count) for count in counts[name])
        raise TemplateError(f"the constraint {text!r} has {len(arguments)} arguments; expected {wanted}")
    if name in _PLAIN:
        return _PLAIN[name]
    return _COUNTED[name][1](text, [_argument(text, piece) for piece in arguments])


def _whole_number(text: str) -> int | None:
    """Read a number of 64 bits; None if it is none. Longer ones are not converted: Python refuses some."""
    found = _INTEGER.fullmatch(text)
    if found is None or len(found[1].lstrip("+-").lstrip("0")) > len(str(INT_64.stop)):
        return None
    number = int(found[1][:1].strip("+0123456789") + (found[1].lstrip("+-").lstrip("0") or "0"))
    return number if number in INT_64 else None


def _argument(text: str, piece: str) -> int:
    number = _whole_number(piece)
    if number is None:
        raise TemplateError(f"the constraint {text!r} holds {piece!r}; expected a whole number")
    return number


def _regex(argument: str | None) -> Check:
    """Search, without regard to case; .NET's spelling of named groups and of the end is understood."""
    if argument is None:
        raise TemplateError("the constraint regex has no argument")
    spelled = re.sub(r"\(\?<(?=[A-Za-z_])", "(?P<", argument)
    spelled = spelled.replace(r"\z", r"\Z")
    try:
        pattern = re.compile(spelled, re.IGNORECASE)
    except re.error as error:
        raise TemplateError(
            f"the regular expression {argument!r} cannot be read by devhost: {error}"
        ) from None
    return lambda value: pattern.search(value) is not None


def _integer_in(values: range) -> Check:
    def check(value: str) -> bool:
        number = _whole_number(value)
        return number is not None and number in values

    return check


def _is_decimal(value: str) -> bool:
    if _DECIMAL.fullmatch(value) is None:
        return False
    whole = re.sub(r"[^0-9.]", "", value).partition(".")[0].lstrip("0")
    return len(whole) <= len(str(LARGEST_DECIMAL)) and int(whole or 0) <= LARGEST_DECIMAL


def _is_file_name(value: str) -> bool:
    _, dot, after = value.rpartition("/")[2].partition(".")
    return bool(dot) and after.strip(".") != ""


def _length(value: str) -> int:
    """Count a text's UTF-16 units, as .NET does."""
    return len(value) + sum(char > "\uffff" for char in value)


def _length_in(text: str, limits: list[int]) -> Check:
    low, high = limits[0], limits[-1]
    if low < 0 or high < low:
        raise TemplateError(f"the constraint {text!r} holds a range that is empty or below 0")
    return lambda value: low <= _length(value) <= high


def _at_least(text: str, limits: list[int]) -> Check:
    return _length_in(text, [*limits, INT_64.stop])


def _at_most(text: str, limits: list[int]) -> Check:
    return _length_in(text, [0, *limits])


def _range(text: str, limits: list[int]) -> Check:
    low, high = limits
    if high < low:
        raise TemplateError(f"the constraint {text!r} holds an empty range")
    return _integer_in(range(low, high + 1))


_PLAIN: dict[str, Check] = {
    "int": _integer_in(INT_32),
    "long": _integer_in(INT_64),
    "bool": lambda value: value.strip("\t\n\v\f\r \x00").lower() in ("true", "false"),
    "datetime": is_date_time,
    "decimal": _is_decimal,
    "double": lambda value: _DOUBLE.fullmatch(value) is not None,
    "float": lambda value: _DOUBLE.fullmatch(value) is not None,
    "guid": lambda value: _GUID.fullmatch(value.strip()) is not None,
    "alpha": lambda value: _ALPHA.match(value) is not None,
    "required": lambda value: value != "",
    "file": _is_file_name,
    "nonfile": lambda value: not _is_file_name(value),
}

_COUNTED: dict[str, tuple[tuple[int, ...], Callable[[str, list[int]], Check]]] = {
    "minlength": ((1,), _at_least),
    "maxlength": ((1,), _at_most),
    "length": ((1, 2), _length_in),
    "min": ((1,), lambda _, limits: _integer_in(range(limits[0], INT_64.stop))),
    "max": ((1,), lambda _, limits: _integer_in(range(INT_64.start, limits[0] + 1))),
    "range": ((2,), _range),
}
