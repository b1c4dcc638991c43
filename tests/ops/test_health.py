from __future__ import annotations

import re

import pytest

from ops.__main__ import main
from tests.ops.app.answering_app import answering


def test_both_answers_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    answers = {"/api/health": (200, {"status": "ok"}), "/api/ready": (200, {"status": "ready"})}
    with answering(answers) as url:
        assert main(["health", "--url", url]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f'GET {url}/api/health  200  {{"status": "ok"}}',
        f'GET {url}/api/ready  200  {{"status": "ready"}}',
    ]


def test_an_app_that_is_not_ready_fails(capsys: pytest.CaptureFixture[str]) -> None:
    answers = {"/api/health": (200, {"status": "ok"}), "/api/ready": (503, {"detail": "No storage."})}
    with answering(answers) as url:
        assert main(["health", "--url", url]) == 1
    assert re.fullmatch(r"error: /api/ready .*\b503: No storage\.\n", capsys.readouterr().err)


def test_nobody_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["health", "--url", "http://127.0.0.1:9"]) == 1
    assert "http://127.0.0.1:9" in capsys.readouterr().err
