"""Routes: what fits, what a function is then told, and which of several is taken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devhost.http.routes import Route, RouteTable, by_name

GUID = "123e4567-e89b-12d3-a456-426614174000"


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("api/predict", "/api/predict", {}),
        ("api/predict", "/API/Predict/", {}),
        ("api/predict", "/api/predict//", None),
        ("api/predict", "//api/predict", None),
        ("api/predict", "/api/predict/x", None),
        ("api/{name}", "/api/a", {"name": "a"}),
        ("api/{name}", "/api/a/b", None),
        ("api/{name}", "/api/", None),
        ("api/{name}", "/api/a%2Fb", {"name": "a%2Fb"}),
        ("api/{n:int}", "/api/12", {"n": "12"}),
        ("api/{n:int}", "/api/1.5", None),
        ("api/{n:int?}", "/api", {}),
        ("api/{n:int?}", "/api/x", None),
        ("api/{n:int:range(1,5)}", "/api/6", None),
        ("api/{g:guid}", f"/api/{GUID}", {"g": GUID}),
        ("api/{x=abc}", "/api", {"x": "abc"}),
        ("api/{x=abc}", "/api/d/", {"x": "d"}),
        ("api/{x=abc}/{y?}", "/api", {"x": "abc"}),
        ("api/{x:int=abc}", "/api", None),
        ("api/{x?}/y", "/api/y", None),
        ("api/{*rest}", "/api/x/y/z", {"rest": "x/y/z"}),
        ("api/{*rest}", "/api/x/", {"rest": "x/"}),
        ("api/{*rest}", "/api/x//y", {"rest": "x//y"}),
        ("api/{*rest}", "/api//x", None),
        ("api/{*rest}", "/api", {}),
        ("api/{**rest}", "/api/x/y", {"rest": "x/y"}),
        ("api/{*rest=all}", "/api", {"rest": "all"}),
        ("api/{*rest:int}", "/api", None),
        ("api/{*rest:maxlength(3)}", "/api/a/b", {"rest": "a/b"}),
        ("api/{*rest:maxlength(3)}", "/api/a/bc", None),
        ("api/{ignored:maxlength(0)?}", "/api", {}),
        ("api/{ignored:maxlength(0)?}", "/api/", {}),
        ("api/{ignored:maxlength(0)?}", "/api/x", None),
        ("api/{name}.csv", "/api/day.CSV", {"name": "day"}),
        ("api/{name}.csv", "/api/.csv", None),
        ("api/{name}.csv", "/api/day.csv.csv", {"name": "day.csv"}),
        ("api/{name}.csv", "/api/day.csvx", None),
        ("api/v{major}.{minor}", "/api/v1.2.3", {"major": "1.2", "minor": "3"}),
        ("api/v{major}.{minor}", "/api/xv1.2", None),
        ("api/{a}-{b}-{c}", "/api/1-2-3-4", {"a": "1-2", "b": "3", "c": "4"}),
        ("api/{a}aa{b}", "/api/aaaaa", {"a": "aa", "b": "a"}),
        ("api/{name}.{kind?}", "/api/day.csv", {"name": "day", "kind": "csv"}),
        ("api/{name}.{kind?}", "/api/day", {"name": "day"}),
        ("api/{name}.{kind?}", "/api/day.", None),
        ("api/{name}.{kind:alpha?}", "/api/day.1", None),
        ("api/day{n:int}", "/api/day12", {"n": "12"}),
        ("api/day{n:int}", "/api/dayx", None),
        ("api/a.c", "/api/abc", None),
        ("api/{{x}}", "/api/{x}", {}),
        ("api/Ä", "/api/ä", {}),
        ("api/ß", "/api/SS", None),
        ("", "/", {}),
        ("", "/x", None),
    ],
)
def test_a_template_fits(template: str, path: str, values: dict[str, str] | None) -> None:
    assert Route(template).match("GET", path) == values


def test_methods_are_compared_without_regard_to_case_and_none_means_all() -> None:
    assert Route("x", ["get", "POST"]).match("GET", "/x") == {}
    assert Route("x", ["get", "POST"]).match("post", "/x") == {}
    assert Route("x", ["GET"]).match("HEAD", "/x") is None
    assert Route("x", []).match("GET", "/x") is None
    assert Route("x").match("FOO", "/x") == {}


def test_the_first_that_fits_wins_and_nothing_else_counts() -> None:
    templates = {"a": "{*rest}", "b": "x", "c": "{name}", "d": "x"}
    table = RouteTable(
        (Route(template, ["GET"] if name == "a" else None), name) for name, template in templates.items()
    )
    assert table.find("GET", "/x") == ("a", {"rest": "x"})
    assert table.find("POST", "/x") == ("b", {})
    assert table.find("POST", "/y") == ("c", {"name": "y"})
    assert table.find("POST", "/y/z") is None


def test_names_are_ordered_as_dot_net_orders_them_without_regard_to_case() -> None:
    names = ["b", "a_b", "aA", "A", "a-b", "ab", "zz", "B2", "Za"]
    assert sorted(names, key=by_name) == ["A", "a-b", "aA", "ab", "a_b", "b", "B2", "Za", "zz"]


segments = st.lists(st.text(st.characters(exclude_characters="/", codec="utf-8"), min_size=1), max_size=4)


@given(segments)
def test_a_catch_all_gives_back_the_path(parts: list[str]) -> None:
    path = "/api/" + "/".join(parts)
    found = Route("api/{*rest}").match("GET", path)
    assert found == ({"rest": "/".join(parts)} if parts else {})


@given(segments)
def test_parameters_take_a_segment_each(parts: list[str]) -> None:
    template = "api/" + "/".join(f"{{p{number}}}" for number in range(len(parts)))
    found = Route(template).match("GET", "/api/" + "/".join(parts))
    assert found == {f"p{number}": part for number, part in enumerate(parts)}


@given(st.text(st.sampled_from("ab."), min_size=1, max_size=9))
def test_a_segment_of_two_parameters_is_cut_at_its_last_full_stop_that_leaves_room(text: str) -> None:
    cut = text[:-1].rfind(".")
    expected = {"a": text[:cut], "b": text[cut + 1 :]} if cut > 0 else None
    assert Route("{a}.{b}").match("GET", f"/{text}") == expected
