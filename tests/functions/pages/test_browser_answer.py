"""What travels with a page."""

from __future__ import annotations

import azure.functions as func
import pytest

from functions.http.request import Request
from functions.pages.browser_answer import HTML, browser_answer


def answer(content: bytes = b"<p>", if_none_match: str | None = None) -> func.HttpResponse:
    headers = {} if if_none_match is None else {"if-none-match": if_none_match}
    request = func.HttpRequest("GET", "/api/docs", headers=headers, body=b"")
    return browser_answer(Request(request), content, HTML)


def test_the_tag_is_that_of_the_content() -> None:
    assert answer().headers["etag"] == answer().headers["etag"] != answer(b"<b>").headers["etag"]


@pytest.mark.parametrize("known", ["", "x", '"', '"x"', 'W/"x"', ",,,", "é" * 10_000])
def test_another_tag(known: str) -> None:
    assert (answer(if_none_match=known).status_code, answer(if_none_match=known).get_body()) == (200, b"<p>")


def test_the_same_tag() -> None:
    found = answer(if_none_match=answer().headers["etag"])
    assert (found.status_code, found.get_body()) == (304, b"")
    assert found.headers["content-security-policy"]
