from __future__ import annotations

import pytest

from ops.app.response import SHOWN, get
from ops.app.target import http_client
from ops.errors import OpsError
from tests.ops.app.answering_app import answering


@pytest.mark.parametrize(
    ("answer", "reported"),
    [
        ((200, {"status": "ok"}), '200 {"status": "ok"}'),
        ((503, {"detail": "No model."}), "503: No model."),
        ((502, "<html>\n bad gateway"), "502 <html> bad gateway"),
        ((500, ""), "500"),
        ((200, [1]), "200 [1]"),
    ],
)
def test_an_answer_in_words(answer: tuple[int, object], reported: str) -> None:
    with answering({"/api/health": answer}) as url:
        found = get(http_client(url), "/api/health")
    assert found.summary == reported
    assert found.is_ok == (answer[0] == 200)


def test_a_long_answer_is_cut() -> None:
    with answering({"/x": (500, "a" * 9999)}) as url:
        assert len(get(http_client(url), "/x").text) == SHOWN


def test_no_answer_says_what_to_do() -> None:
    with pytest.raises(OpsError, match=r"http://127\.0\.0\.1:9\b.*make start"):
        get(http_client("http://127.0.0.1:9"), "/api/health")
