"""What Azure has to know before it starts: names, and what loops go over.

A stand-in for the compiler's BCP120 and BCP178, which are errors and which nothing else here would find.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.infra.bicep import Infra, Loop, Sheet

LATER = re.compile(r"\.properties\b|\.\??outputs\b|\blist\w*\(|\breference\(")
"""How an expression asks for what is there only once something has been deployed."""


def _later(sheet: Sheet, value: Any, seen: frozenset[str] = frozenset()) -> str | None:
    """Return the part of a value that is not known at the start, its variables included."""
    text = str(value)
    found = LATER.search(text)
    if found:
        return found[0]
    for variable in sheet.of("var"):
        if variable.name not in seen and re.search(rf"(?<![\w.'])\b{variable.name}\b(?!')", text):
            inner = _later(sheet, variable.value, seen | {variable.name})
            if inner:
                return f"{variable.name} → {inner}"
    return None


def _loops(value: Any) -> Iterator[Loop]:
    match value:
        case Loop():
            yield value
            yield from _loops(value.body)
        case dict():
            for inner in value.values():
                yield from _loops(inner)
        case list():
            for inner in value:
                yield from _loops(inner)


def loops_go_over_what_is_known(infra: Infra) -> list[str]:
    """No loop goes over a property, an output or a key."""
    return [
        f"{file}: {declaration.name} loops over {loop.over}, which is known later ({later})"
        for file, sheet in infra.sheets.items()
        for declaration in sheet.declarations
        for loop in _loops(declaration.value)
        if (later := _later(sheet, loop.over))
    ]


def names_are_known(infra: Infra) -> list[str]:
    """No resource is named after, or put under, something that is known later."""
    return [
        f"{file}: {part} of {resource.name} is {resource.body[part]}, which is known later ({later})"
        for file, sheet in infra.sheets.items()
        for resource in sheet.of("resource")
        for part in ("name", "scope", "parent")
        if part in resource.body and (later := _later(sheet, resource.body[part]))
    ]
