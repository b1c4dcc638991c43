"""Route templates of Azure Functions (ASP.NET's) as Starlette routes.

``{name}``, ``{name?}``, ``{name:int}`` and the other constraints of ASP.NET that have a fixed form,
``{*rest}``. Matching ignores case, literal segments win over parameters, and parameters over the catch-all,
as in the Functions host.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from starlette.routing import Route

from devhost.errors import DevhostError

CONSTRAINTS: dict[str, str] = {
    "int": r"-?[0-9]+",
    "long": r"-?[0-9]+",
    "bool": r"true|false",
    "decimal": r"-?[0-9]+(?:\.[0-9]+)?",
    "double": r"-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?",
    "float": r"-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?",
    "alpha": r"[a-z]+",
    "guid": r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}",
    "datetime": r"[^/]+",
    "required": r"[^/]+",
    "maxlength(0)": "",
}
"""Constraint -> pattern of one segment. ``{ignored:maxlength(0)?}`` gives the prefix itself a function."""

_PARAMETER = re.compile(r"\{(?P<star>\*{0,2})(?P<name>\w+)(?::(?P<rule>[^{}?]+))?(?P<optional>\?)?\}")


class FunctionRoute(Route):
    """A route whose methods are exactly those of the binding: as in the host, HEAD is not added to GET."""

    def __init__(
        self, template: str, prefix: str, endpoint: Any, methods: Collection[str], where: str
    ) -> None:
        """Make a route from its template, prefix, ASGI endpoint, methods (empty: all) and function's name.

        Raises
        ------
        DevhostError
            If the template uses a constraint this module does not know.
        """
        super().__init__("/", endpoint, methods=None, name=where)
        self.path = "/" + "/".join(part for part in (prefix, template.strip("/")) if part)
        self.methods = {method.upper() for method in methods} or None
        self.path_regex, self.rank = compile_template(self.path, where)
        self.param_convertors = {}

    def matches(self, scope: Any) -> Any:
        """Match the path, then the method; parameters stay strings, as functions get them."""
        from starlette.routing import Match

        if scope["type"] != "http":
            return Match.NONE, {}
        found = self.path_regex.match(scope["path"])
        if found is None:
            return Match.NONE, {}
        params = {name: value for name, value in found.groupdict().items() if value}
        child = {"endpoint": self.endpoint, "path_params": params}
        full = self.methods is None or scope["method"] in self.methods
        return (Match.FULL if full else Match.PARTIAL), child


def compile_template(path: str, where: str) -> tuple[re.Pattern[str], tuple[int, ...]]:
    """Turn a full template (leading slash, prefix included) into a pattern and a rank; low ranks come first.

    Raises
    ------
    DevhostError
        If a constraint is unknown; *where* names the function.
    """
    pattern, rank = "", []
    for segment in path.strip("/").split("/") if path.strip("/") else []:
        whole = _PARAMETER.fullmatch(segment)
        if whole is not None and whole["star"]:
            pattern += f"(?:/(?P<{whole['name']}>.*))?"
            rank.append(3)
            continue
        piece, last = "", 0
        for match in _PARAMETER.finditer(segment):
            piece += re.escape(segment[last : match.start()])
            piece += f"(?P<{match['name']}>{_constraint(match['rule'], where)})"
            last = match.end()
        piece += re.escape(segment[last:])
        optional = whole is not None and whole["optional"]
        pattern += f"(?:/{piece})?" if optional else f"/{piece}"
        rank.append(0 if last == 0 else 1 if whole is None or whole["rule"] else 2)
    return re.compile(f"^{pattern}/?$", re.IGNORECASE | re.DOTALL), tuple(rank)


def _constraint(rule: str | None, where: str) -> str:
    if rule is None:
        return "[^/]+"
    if rule in CONSTRAINTS:
        return f"(?:{CONSTRAINTS[rule]})"
    known = ", ".join(CONSTRAINTS)
    raise DevhostError(
        f"{where}: route constraint {rule!r} is not supported by devhost; expected one of {known}"
    )
