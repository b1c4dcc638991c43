from __future__ import annotations

import re
from typing import Any

import pytest

from ops.app.target import Target
from ops.doctor.app import check_app, check_functions, judge
from ops.errors import OpsError
from tests.ops.app.answering_app import answering
from tests.ops.doctor.hand_written_answers import function, healthy

FUNCTIONS = healthy("http://x")["functionapp function list"]


def without(name: str) -> list[dict[str, Any]]:
    return [each for each in FUNCTIONS if not each["name"].endswith(name)]


def test_the_functions_of_a_healthy_app() -> None:
    found = judge(FUNCTIONS, in_azure=True)
    assert found.state == "ok"
    assert re.match(r"8\b.*\bscore_telemetry, score_range, score_event, give", found.message)


@pytest.mark.parametrize(
    ("functions", "told"),
    [
        (
            [],
            r"\bscore_event .*; give_up_file .*; give_up_event ",
        ),
        (
            without("predict"),
            r"^predict .*: give_up_event, give_up_file, give_up_range, health, score_event,",
        ),
        (
            [*without("score_telemetry"), function("score_telemetry", type="queueTrigger")],
            "score_telemetry .*'queueTrigger'",
        ),
        (
            [*without("score_telemetry"), function("score_telemetry", type="blobTrigger", path="in/{name}")],
            r"score_telemetry .*'in/\{name\}'.*\btelemetry; score_telemetry .*\bNone",
        ),
        ([{"name": "predict"}], r"\bpredict .*\bNone"),
    ],
)
def test_functions_that_a_file_cannot_travel_with(functions: list[dict[str, Any]], told: str) -> None:
    found = judge(functions, in_azure=True)
    assert found.state == "failed"
    assert re.search(told, found.message)


def test_an_app_answers_also_when_its_model_is_missing() -> None:
    problem = {"code": "model_unusable", "detail": "v2 is damaged."}
    with answering({"/api/health": (503, problem)}) as url:
        assert check_app(Target(url)).state == "ok"
    with answering({"/api/health": (503, "Function host is not running.")}) as url:
        found = check_app(Target(url))
    assert found.state == "failed"
    assert re.fullmatch(r"GET /api/health .*\b503 Function host is not running\.", found.message)


def test_nobody_answers() -> None:
    with pytest.raises(OpsError, match=r"http://127\.0\.0\.1:9\b"):
        check_app(Target("http://127.0.0.1:9"))


def test_something_else_answers() -> None:
    with answering({}) as url, pytest.raises(OpsError, match=r"\b404\b"):
        check_functions(Target(url))
