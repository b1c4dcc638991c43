"""The pages as they travel: addresses, headers, revalidation."""

from __future__ import annotations

import re

import httpx
import pytest

from functions.http.openapi_document import PREFIX
from functions.pages.site_files import MEDIA_TYPES, SITE

PAGES = {"": "Drivecast", "/": "Drivecast", "/docs": "Drivecast API", "/model/card": "Model v2 · Drivecast"}


def get(http: httpx.Client, path: str, **headers: str) -> httpx.Response:
    return httpx.get(f"{str(http.base_url).rstrip('/')}{path}", headers=headers)


@pytest.mark.parametrize("path", sorted(PAGES))
def test_a_page(http: httpx.Client, path: str) -> None:
    answer = get(http, path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert f"<title>{PAGES[path]}</title>" in answer.text
    assert f'<base href="{PREFIX}/">' in answer.text
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize("path", [*sorted(PAGES), "/pages/home.js", "/pages/page.css", "/pages/icon.svg"])
def test_what_a_page_may_do(http: httpx.Client, path: str) -> None:
    headers = get(http, path).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["form-action"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", [*sorted(PAGES), "/pages/home.js"])
def test_an_unchanged_page_does_not_travel_again(http: httpx.Client, path: str) -> None:
    first = get(http, path)
    assert first.headers["cache-control"] == "no-cache"
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = get(http, path, **{"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert get(http, path, **{"if-none-match": '"other"'}).status_code == 200


def test_every_file_a_page_names_is_there(http: httpx.Client) -> None:
    named = {
        name for page in SITE.glob("*.html") for name in re.findall(r'"pages/([^"]+)"', page.read_text())
    }
    named |= {
        name for script in SITE.glob("*.js") for name in re.findall(r'from "\./([^"]+)"', script.read_text())
    }
    served = {file.name for file in SITE.iterdir() if file.suffix != ".html"}
    assert named == served
    for name in sorted(named):
        answer = get(http, f"/pages/{name}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(MEDIA_TYPES[name[name.rindex(".") :]])
        assert answer.content == (SITE / name).read_bytes()


@pytest.mark.parametrize(
    "name", ["x.js", "..%2f__init__.py", "%2e%2e%2fsite_files.py", "HOME.JS", "site", "a/b"]
)
def test_nothing_else_is_given_out(http: httpx.Client, name: str) -> None:
    answer = get(http, f"/pages/{name}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_name_with_nul_does_not_reach_the_app(http: httpx.Client) -> None:
    answer = get(http, "/pages/home.js%00")
    assert (answer.status_code, answer.content) == (400, b"")


def test_the_pages_are_small_and_ours() -> None:
    files = sorted(SITE.iterdir())
    assert sum(file.stat().st_size for file in files) < 60_000
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert len(text.splitlines()) < 300
        assert set(re.findall(r"https?://[^\s\"'<>)]+", text)) <= {"http://www.w3.org/2000/svg"}
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|style=", text)
