"""Which function a request reaches on Microsoft's host, over the whole app.

The host orders functions by name without regard to case (`FunctionMetadataManager`: ``OrderBy(f => f.Name,
OrdinalIgnoreCase)``), adds their routes in that order to one ASP.NET `RouteCollection`, and takes the first
that matches: a literal segment is not preferred to a parameter or a catch-all, and a route whose methods do
not fit is passed over. Recorded on host 4.1037: with the catch-all in a function `fallback`, GET /api/health
was answered by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pytest

import function_app  # noqa: F401 - registers the endpoints
from functions.http.endpoints import ENDPOINTS
from tests.test_function_app import INDEX, run

pytestmark = pytest.mark.slow

ALL_METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]
LAST = "wildcard"

_PARAMETER = re.compile(r"\{(?P<star>\*?)(?P<name>\w+)(?P<empty>:maxlength\(0\))?(?P<optional>\?)?\}")


class Route(NamedTuple):
    """The route of a function; no methods: all of them."""

    template: str
    methods: list[str]

    def matches(self, path: str, method: str) -> bool:
        """Say whether the route takes a path below the prefix, with a method."""
        pattern = "/".join(self._segment(segment) for segment in self.template.split("/"))
        return method in (self.methods or ALL_METHODS) and bool(re.fullmatch(pattern, path, re.IGNORECASE))

    def own_path(self) -> str:
        """Return a path that the route is made for."""
        return _PARAMETER.sub(lambda found: "" if found["empty"] else "value", self.template)

    @property
    def takes_everything(self) -> bool:
        return "{*" in self.template

    @staticmethod
    def _segment(segment: str) -> str:
        whole = _PARAMETER.fullmatch(segment)
        if whole is None:
            assert "{" not in segment, f"{segment}: a form of template that this test does not know"
            return re.escape(segment)
        if whole["star"]:
            return ".*"
        return "" if whole["empty"] else "[^/]*" if whole["optional"] else "[^/]+"


@pytest.fixture(scope="module")
def routes() -> dict[str, Route]:
    """The routes by function, as Microsoft's library indexes them."""
    indexed: dict[str, list[dict[str, Any]]] = run(INDEX)
    triggers = {name: bindings[0] for name, bindings in indexed.items()}
    return {
        name: Route(trigger["route"], trigger.get("methods", []))
        for name, trigger in triggers.items()
        if trigger["type"] == "httpTrigger"
    }


def in_order(routes: Mapping[str, Route]) -> list[str]:
    """Return names in the host's order: OrdinalIgnoreCase compares the codes of upper-case letters."""
    return sorted(routes, key=str.upper)


def taken_by(routes: Mapping[str, Route], path: str, method: str) -> str | None:
    """Return the function that a request reaches."""
    return next((name for name in in_order(routes) if routes[name].matches(path, method)), None)


def astray(routes: Mapping[str, Route]) -> Iterator[str]:
    """Yield each request to a function's own path that another function takes."""
    for name, route in routes.items():
        for method in route.methods or ALL_METHODS:
            reached = taken_by(routes, route.own_path(), method)
            if reached != name:
                yield f"{method} {route.own_path()}: {reached} instead of {name}"


def renamed(routes: Mapping[str, Route], name: str) -> dict[str, Route]:
    """Return the routes with the last function under another name."""
    return {name if old == LAST else old: route for old, route in routes.items()}


def test_every_function_takes_its_own_requests(routes: dict[str, Route]) -> None:
    assert set(routes) == {*ENDPOINTS, LAST}
    assert list(astray(routes)) == []


def test_what_takes_everything_is_the_last_function(routes: dict[str, Route]) -> None:
    assert [name for name in in_order(routes) if routes[name].takes_everything] == [LAST]
    assert in_order(routes)[-1] == LAST


@pytest.mark.parametrize("method", ALL_METHODS)
def test_what_no_function_names_reaches_the_last(routes: dict[str, Route], method: str) -> None:
    for path in ("nothing", "predict/x", "v2/models", "v2/models/drivecast/x", "zz"):
        assert taken_by(routes, path, method) == LAST, path
    for name, route in routes.items():
        if route.methods and method not in route.methods:
            others = {
                m for other in routes.values() if other.template == route.template for m in other.methods
            }
            expected = LAST if method not in others else name
            assert taken_by(routes, route.own_path(), method) == expected, route.template


@pytest.mark.parametrize(
    ("name", "lost"), [("fallback", "GET health: fallback instead of health"), ("unmatched", "GET version: ")]
)
def test_names_that_were_recorded_to_fail(routes: dict[str, Route], name: str, lost: str) -> None:
    found = list(astray(renamed(routes, name)))
    assert any(line.startswith(lost) for line in found), found
    # As recorded: 21 of the app's 24 HTTP functions did not get their requests under `fallback`.
    strayed = {line.partition(":")[0].partition(" ")[2] for line in found}
    assert len(strayed) == {"fallback": 21, "unmatched": 1}[name]
