"""Targets of requests: decoding, dot segments, queries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devhost.http.target import BadTargetError, first_value, read_query, read_target


@pytest.mark.parametrize(
    ("raw", "path", "url_path"),
    [
        ("/", "/", "/"),
        ("/api/%65cho", "/api/echo", "/api/echo"),
        ("/a%20b", "/a b", "/a%20b"),
        ("/a+b", "/a+b", "/a+b"),
        ("/c%2Bd", "/c+d", "/c+d"),
        ("/%C3%A9", "/é", "/%C3%A9"),
        ("/a%2Fb/%2f", "/a%2Fb/%2f", "/a%2Fb/%2f"),
        ("/%", "/%", "/%25"),
        ("/%zz", "/%zz", "/%25zz"),
        ("/%ff", "/%ff", "/%ff"),
        ("/%C3%41", "/%C3A", "/%C3A"),
        ("/%E2%82%41", "/%E2%82A", "/%E2%82A"),
        ("/%ED%A0%80", "/%ED%A0%80", "/%ED%A0%80"),
        ("/%C0%80", "/%C0%80", "/%C0%80"),
        ("/%F0%9F%98%80", "/😀", "/%F0%9F%98%80"),
        ("/%2541", "/%41", "/%41"),
        ("/a\\b", "/a\\b", "/a%5Cb"),
        ("/a#b", "/a#b", "/a%23b"),
        ("/a;b=1,@:!$&'()*", "/a;b=1,@:!$&'()*", "/a;b=1,@:!$&'()*"),
        ("/a/./b", "/a/b", "/a/b"),
        ("/a/../b", "/b", "/b"),
        ("/a/%2e%2E/b", "/b", "/b"),
        ("/a/b/..", "/a/", "/a/"),
        ("/a/.", "/a/", "/a/"),
        ("/../../a", "/a", "/a"),
        ("/..", "/", "/"),
        ("/a//../b", "/a/b", "/a/b"),
        ("/a/.b/..c/...", "/a/.b/..c/...", "/a/.b/..c/..."),
        ("/..%2Fa", "/..%2Fa", "/..%2Fa"),
    ],
)
def test_a_path(raw: str, path: str, url_path: str) -> None:
    target = read_target("GET", raw.encode())
    assert (target.path, target.url_path, target.query) == (path, url_path, "")


@pytest.mark.parametrize("raw", ["/%00", "/a%00b?c", "/é", "*", "example.org:80", "http://", "http://[/"])
def test_what_is_refused(raw: str) -> None:
    with pytest.raises(BadTargetError):
        read_target("GET", raw.encode())


def test_other_forms() -> None:
    assert read_target("OPTIONS", b"*").path == ""
    assert read_target("CONNECT", b"a:80").authority == "a:80"
    absolute = read_target("GET", b"HTTP://Example.org/a%20b/../c?x=%zz")
    assert (absolute.path, absolute.query) == ("/c", "?x=%zz")
    assert (absolute.authority, absolute.default_port) == ("example.org", "example.org:80")
    assert read_target("GET", b"http://a:7071").authority == "a:7071"


def test_a_query_stays_as_sent_but_for_its_hash() -> None:
    target = read_target("GET", b"/a?b=%zz&c=1#d")
    assert (target.query, target.url_query) == ("?b=%zz&c=1#d", "?b=%zz&c=1%23d")
    assert read_target("GET", b"/a?").query == "?"


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("?a=1&b=2", {"a": "1", "b": "2"}),
        ("?a=1&a=2&a=3", {"a": "1,2,3"}),
        ("?a=&a=1", {"a": "1"}),
        ("?a=1&a=&a=2", {"a": "1,2"}),
        ("?a", {"a": ""}),
        ("?a=", {"a": ""}),
        ("?=1", {"": "1"}),
        ("?&&a=1&", {"a": "1"}),
        ("?A=1&a=2&A=3", {"a": "1,2,3"}),
        ("?a=1=2", {"a": "1=2"}),
        ("?a+b=c+d%2B", {"a b": "c d+"}),
        ("?a=%C3%A9%ff%zz%2F", {"a": "é%ff%zz/"}),
        ("?a=%e2%82", {"a": "%e2%82"}),
        ("?a=1;b=2", {"a": "1;b=2"}),
        ("?", {}),
        ("", {}),
    ],
)
def test_a_query(query: str, values: dict[str, str]) -> None:
    assert dict(read_query(query)) == values


def test_among_more_than_ten_names_the_first_spelling_counts() -> None:
    many = "&".join(f"n{number}=x" for number in range(10))
    assert read_query(f"?{many}&A=1&a=2")["A"] == "1,2"


def test_the_first_value_of_a_name() -> None:
    assert first_value("?x=1&CODE=a&code=b", "code") == "a"
    assert first_value("code=", "code") == ""
    assert first_value("?decode=1", "code") is None


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30))
def test_what_is_encoded_comes_back(text: str) -> None:
    encoded = "".join(f"%{byte:02X}" for byte in text.replace("/", "").encode())
    plain = text.replace("/", "")
    found = read_target("GET", f"/x{encoded}".encode())
    assert found.path == f"/x{plain}"
    assert read_query(f"?a={encoded}") == ({"a": plain})


@given(st.binary(max_size=30))
def test_no_path_but_one_with_nul_breaks(data: bytes) -> None:
    encoded = "".join(f"%{byte:02x}" for byte in data)
    if 0 in data:
        with pytest.raises(BadTargetError):
            read_target("GET", f"/{encoded}".encode())
    else:
        read_target("GET", f"/{encoded}".encode())
