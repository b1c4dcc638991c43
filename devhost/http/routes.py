"""The routes of an app, matched as ASP.NET's ``RoutePatternMatcher`` and the Functions host match them.

Functions are tried in the order of their names, without regard to case; the first whose path, constraints
and methods fit wins. Nothing else counts: a literal has no precedence over a parameter or a catch-all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from devhost.http.route_constraints import Check, constraint
from devhost.http.route_template import Literal, Parameter, Segment, parse_template

type Values = dict[str, str]


class Route:
    """A template with its constraints and methods."""

    def __init__(self, template: str, methods: Iterable[str] | None = None) -> None:
        """Parse a template, prefix included; *methods* None: all.

        Raises
        ------
        TemplateError
            If ASP.NET would refuse it.
        """
        self._segments = parse_template(template)
        self.methods = None if methods is None else frozenset(method.upper() for method in methods)
        parameters = [p for segment in self._segments for p in segment if isinstance(p, Parameter)]
        self._defaults = {p.name: p.default for p in parameters if p.default is not None}
        self._checks: list[tuple[str, bool, Check]] = [
            (p.name, p.optional, constraint(text)) for p in parameters for text in p.constraints
        ]

    def match(self, method: str, path: str) -> Values | None:
        """Return the values of the parameters, or None if the route does not fit a path and method."""
        if self.methods is not None and method.upper() not in self.methods:
            return None
        values = self._match_path(path)
        if values is None:
            return None
        for name, optional, check in self._checks:
            value = values.get(name)
            if value is None:
                if not optional:
                    return None
            elif not check(value):
                return None
        return values

    def _match_path(self, path: str) -> Values | None:
        given, position = _cut(path), 0
        values: Values = {}
        rest = self._segments[-1][0] if self._segments else None
        catch_all = rest if isinstance(rest, Parameter) and rest.catch_all else None
        fixed = self._segments[:-1] if catch_all else self._segments
        for text, segment in zip(given, fixed, strict=False):
            if text == "" or not _match_segment(segment, text, values):
                return None
            position += len(text) + 1
        if not all(_may_be_left_out(segment) for segment in fixed[len(given) :]):
            return None
        if len(given) > len(fixed):
            if catch_all is None or given[len(fixed)] == "":
                return None
            values[catch_all.name] = path[1 + position :]
        return self._defaults | values if self._defaults else values


def _cut(path: str) -> list[str]:
    """Cut a path into segments; one slash at the end does not count, an empty segment elsewhere does."""
    if len(path) <= 1:
        return []
    return path[1:-1].split("/") if path.endswith("/") else path[1:].split("/")


def _same(one: str, other: str) -> bool:
    """Compare without regard to case, character by character, as .NET's OrdinalIgnoreCase."""
    return one == other or upper(one) == upper(other)


def upper(text: str) -> str:
    """Make letters upper case as .NET's OrdinalIgnoreCase does: one character stays one."""
    if text.isascii():
        return text.upper()
    return "".join(char.upper() if len(char.upper()) == 1 else char for char in text)


def _may_be_left_out(segment: Segment) -> bool:
    part = segment[0]
    return len(segment) == 1 and isinstance(part, Parameter) and (part.optional or part.default is not None)


def _match_segment(segment: Segment, text: str, values: Values) -> bool:
    """Match a segment; one of several parts whose last parameter is optional, without that, too."""
    first, last = segment[0], segment[-1]
    if len(segment) == 1:
        if isinstance(first, Literal):
            return _same(text, first.text)
        values[first.name] = text
        return True
    if not (isinstance(last, Parameter) and last.optional):
        return _match_parts(segment, text, values, segment)
    if _match_parts(segment, text, values, segment):
        return True
    return not text.endswith(".") and _match_parts(segment[:-2], text, values, segment)


def _match_parts(parts: Sequence[object], text: str, values: Values, whole: Segment) -> bool:
    """Match from the right: each literal is looked for from the end, and a parameter takes at least a letter.

    The parameters further left therefore get what is left over: ``{a}.{b}`` gives ``1.2`` and ``3`` of 1.2.3.
    """
    found: Values = {}
    end = len(text)
    pending: Parameter | None = None
    sought = upper(text)
    for index in range(len(parts) - 1, -1, -1):
        part = parts[index]
        if isinstance(part, Parameter):
            pending = part
            if index == 0:
                if end == 0:
                    return False
                found[part.name] = text[:end]
            continue
        assert isinstance(part, Literal)
        reach = end - 1 if pending is not None else end
        if reach <= 0:
            return False
        at = sought.rfind(upper(part.text), 0, reach)
        if at < 0:
            return False
        after = at + len(part.text)
        if index == len(whole) - 1 and after != len(text):
            return False
        if pending is not None:
            if after == end:
                return False
            found[pending.name] = text[after:end]
            pending = None
        end = at
    if end != 0 and not isinstance(whole[0], Parameter):
        return False
    values.update(found)
    return True


def by_name(name: str) -> str:
    """Give the key functions are ordered by: .NET's OrdinalIgnoreCase compares upper-case letters."""
    return upper(name)


class RouteTable[T]:
    """Routes in the order in which they are tried, each with what it leads to."""

    def __init__(self, routes: Iterable[tuple[Route, T]]) -> None:
        """Keep them in the order given."""
        self._routes = list(routes)
        # Clients ask for the same few paths: a look-up costs less than one pass over the routes.
        self.find: Callable[[str, str], tuple[T, Mapping[str, str]] | None] = lru_cache(1024)(self._find)

    def _find(self, method: str, path: str) -> tuple[T, Mapping[str, str]] | None:
        """Return the first that fits a method and a decoded path, with the values of its parameters."""
        for route, target in self._routes:
            values = route.match(method, path)
            if values is not None:
                return target, values
        return None
