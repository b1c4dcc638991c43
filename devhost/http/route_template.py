"""ASP.NET's route templates, parsed as its ``RoutePatternParser`` and ``RouteParameterParser`` do.

A template is segments between slashes; a segment is literals and parameters: ``{name}``, ``{name?}``,
``{name=default}``, ``{name:constraint:constraint(argument)}``, ``{*rest}`` and ``{**rest}``. A brace that is
meant as such is written twice.
"""

from __future__ import annotations

from dataclasses import dataclass


class TemplateError(ValueError):
    """A template ASP.NET refuses; the message says why."""


@dataclass(frozen=True)
class Literal:
    """Text that has to be there, whatever its case."""

    text: str


@dataclass(frozen=True)
class Parameter:
    """A value taken from the path."""

    name: str
    default: str | None = None
    optional: bool = False
    catch_all: bool = False
    constraints: tuple[str, ...] = ()


type Part = Literal | Parameter
type Segment = tuple[Part, ...]


def parse_template(template: str) -> tuple[Segment, ...]:
    """Parse a template; TemplateError if ASP.NET would refuse it."""
    if template.startswith("~/"):
        template = template[2:]
    elif template.startswith("~"):
        raise TemplateError("a template may not begin with ~")
    text = template.removeprefix("/")
    segments = tuple(_segment(piece) for piece in _cut(text))
    names: set[str] = set()
    for number, segment in enumerate(segments):
        for part in segment:
            if not isinstance(part, Parameter):
                continue
            if part.name.lower() in names:
                raise TemplateError(f"the parameter {part.name} is there twice")
            names.add(part.name.lower())
            if part.catch_all and number != len(segments) - 1:
                raise TemplateError(f"the catch-all {part.name} is not the last segment")
    return segments


def _cut(text: str) -> list[str]:
    """Cut a template at its slashes; a slash inside of braces belongs to the parameter."""
    pieces, start, position = [], 0, 0
    while position < len(text):
        if text[position] == "/":
            if position == start:
                raise TemplateError("two slashes follow each other")
            pieces.append(text[start:position])
            start = position + 1
        elif text[position] == "{" and text[position : position + 2] != "{{":
            position = _end_of_parameter(text, position)
        elif text[position : position + 2] in ("{{", "}}"):
            position += 1
        position += 1
    if start < len(text):
        pieces.append(text[start:])
    return pieces


def _end_of_parameter(text: str, start: int) -> int:
    """Return where the parameter that opens at *start* closes."""
    position = start + 1
    while position < len(text):
        double = text[position : position + 2]
        if double in ("{{", "}}"):
            position += 2
            continue
        if text[position] == "{":
            raise TemplateError("a brace inside of a parameter has to be written twice")
        if text[position] == "}":
            return position
        position += 1
    raise TemplateError("a brace is not closed")


def _segment(text: str) -> Segment:
    parts: list[Part] = []
    position, literal = 0, ""
    while position < len(text):
        double = text[position : position + 2]
        if double in ("{{", "}}"):
            literal += double[0]
            position += 2
        elif text[position] == "}":
            raise TemplateError("a brace is closed that is not open")
        elif text[position] == "{":
            end = _end_of_parameter(text, position)
            if literal:
                parts.append(Literal(literal))
                literal = ""
            parts.append(_parameter(text[position + 1 : end].replace("}}", "}").replace("{{", "{")))
            position = end + 1
        else:
            literal += text[position]
            position += 1
    if literal:
        parts.append(Literal(literal))
    _check_segment(parts)
    return tuple(parts)


def _check_segment(parts: list[Part]) -> None:
    for number, part in enumerate(parts):
        before = parts[number - 1] if number else None
        if isinstance(part, Literal):
            if "?" in part.text:
                raise TemplateError(f"the literal {part.text} holds a question mark")
            continue
        if part.catch_all and len(parts) > 1:
            raise TemplateError(f"the catch-all {part.name} shares its segment")
        if part.optional and len(parts) > 1 and (number != len(parts) - 1 or before != Literal(".")):
            raise TemplateError(
                f"the optional parameter {part.name} shares its segment; "
                "it has to be the last there, after a full stop"
            )
        if isinstance(before, Parameter):
            raise TemplateError(f"{before.name} and {part.name} follow each other with nothing between")


def _parameter(inside: str) -> Parameter:
    """Parse what stands in a parameter's braces."""
    text = inside.removeprefix("*").removeprefix("*") if inside.startswith("*") else inside
    catch_all = text != inside
    optional = text.endswith("?")
    if optional:
        if catch_all:
            raise TemplateError("a catch-all cannot be optional")
        text = text[:-1]
    name_end = next((n for n, char in enumerate(text) if char in ":=" and n > 0), len(text))
    name = text[:name_end]
    if not name or any(char in "/{}?*" for char in name):
        raise TemplateError(f"{name!r} is no name of a parameter")
    constraints, default = _constraints(text, name_end)
    if optional and default is not None:
        raise TemplateError(f"the parameter {name} is optional and has a default, too")
    return Parameter(name, default, optional, catch_all, tuple(constraints))


def _constraints(text: str, position: int) -> tuple[list[str], str | None]:
    """Read ``:one:two(argument)=default`` from a position on.

    A closing parenthesis ends an argument only before ``:``, ``=`` or the end, and a ``:`` or ``=`` inside of
    parentheses is passed over together with all up to the next closing one: so a regular expression may hold
    any of them.
    """
    found: list[str] = []
    while position < len(text) and text[position] == ":":
        start = position = position + 1
        while position < len(text) and text[position] not in ":=(":
            position += 1
        if position < len(text) and text[position] == "(":
            position = _end_of_argument(text, position + 1)
        if position > start:
            found.append(text[start:position])
    return found, text[position + 1 :] if position < len(text) else None


def _end_of_argument(text: str, position: int) -> int:
    while position < len(text):
        if text[position] == ")" and text[position + 1 : position + 2] in ("", ":", "="):
            return position + 1
        if text[position] in ":=":
            closing = text.find(")", position + 1)
            if closing < 0:
                return position
            position = closing
        position += 1
    return position
