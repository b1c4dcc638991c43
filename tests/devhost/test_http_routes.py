"""Route templates."""

import pytest

from devhost.errors import DevhostError
from devhost.http_routes import compile_template


@pytest.mark.parametrize(
    ("template", "path", "params"),
    [
        ("/api/predict", "/api/predict", {}),
        ("/api/predict", "/API/Predict/", {}),
        ("/api/{name}", "/api/a", {"name": "a"}),
        ("/api/{name}", "/api/a/b", None),
        ("/api/{n:int}", "/api/12", {"n": "12"}),
        ("/api/{n:int}", "/api/1.5", None),
        ("/api/{n:int?}", "/api", {"n": None}),
        ("/api/{a:alpha}", "/api/abc", {"a": "abc"}),
        ("/api/{a:alpha}", "/api/a1", None),
        (
            "/api/{g:guid}",
            "/api/123e4567-e89b-12d3-a456-426614174000",
            {"g": "123e4567-e89b-12d3-a456-426614174000"},
        ),
        ("/api/{*rest}", "/api/x/y/z", {"rest": "x/y/z"}),
        ("/api/{*rest}", "/api", {"rest": None}),
        ("/api/{ignored:maxlength(0)?}", "/api", {"ignored": None}),
        ("/api/{ignored:maxlength(0)?}", "/api/", {"ignored": ""}),
        ("/api/{ignored:maxlength(0)?}", "/api/x", None),
        ("/api/{name}.csv", "/api/day.csv", {"name": "day"}),
        ("/api/a.c", "/api/abc", None),
        ("/", "/", {}),
    ],
)
def test_a_template_matches(template: str, path: str, params: dict[str, str | None] | None) -> None:
    pattern, _ = compile_template(template, "f")
    found = pattern.match(path)
    assert (found.groupdict() if found else None) == params


def test_literals_rank_before_parameters_before_the_catch_all() -> None:
    templates = ["/api/{*rest}", "/api/{name}", "/api/{n:int}", "/api/x"]
    assert sorted(templates, key=lambda t: compile_template(t, "f")[1]) == templates[::-1]


def test_an_unknown_constraint_is_said() -> None:
    with pytest.raises(DevhostError, match=r"score: route constraint 'regex\(a\)' is not supported"):
        compile_template("/api/{n:regex(a)}", "score")
