from __future__ import annotations

import pytest

from ops.app.target import http_client
from ops.errors import OpsError
from ops.smoke import requests
from ops.smoke.recorded import of_version
from ops.smoke.step import Clock
from tests.ops.app.answering_app import answering

ANSWER = {
    "serial_number": "SMOKE-TEST-3",
    "probability": 0.5338118433952332,
    "risk": "high",
    "advice": "x",
    "model_version": "v2",
}


def test_health_is_waited_for_and_names_the_model() -> None:
    with answering({"/api/health": (200, {"status": "ok", "model_version": "v2"})}) as url:
        assert requests.wait_until_healthy(http_client(url), Clock(5)) == "v2"


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        ((503, {"detail": "no model"}), r"\b0\.6 s: GET /api/health .*\b503: no model"),
        ((200, {"status": "ok"}), "model_version"),
    ],
)
def test_an_unhealthy_app(answer: tuple[int, object], named: str) -> None:
    with answering({"/api/health": answer}) as url, pytest.raises(OpsError, match=named):
        requests.wait_until_healthy(http_client(url), Clock(0.6))


def test_nobody_there() -> None:
    with pytest.raises(OpsError, match=r"\b0\.3 s: .*http://127\.0\.0\.1:9\b"):
        requests.wait_until_healthy(http_client("http://127.0.0.1:9"), Clock(0.3))


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        ((404, "Not Found"), r"\b404\b"),
        ((503, {"detail": "storage does not answer"}), "503: storage does not answer"),
    ],
)
def test_an_app_that_is_not_ready(answer: tuple[int, object], named: str) -> None:
    with answering({"/api/ready": answer}) as url, pytest.raises(OpsError, match=named):
        requests.ready(http_client(url))


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        ((401, ""), "DRIVECAST_KEY"),
        ((500, {"detail": "oops"}), "500: oops"),
        ((200, {}), "/api/predict"),
        ((200, ANSWER | {"probability": 0.54}), r"probability .*'0\.54'.*'0\.53371185'"),
        ((200, ANSWER | {"model_version": "v1"}), r"model_version .*'v1'.*'v2'"),
    ],
)
def test_a_prediction_that_is_not_as_recorded(answer: tuple[int, object], named: str) -> None:
    with answering({"/api/predict": answer}) as url, pytest.raises(OpsError, match=named):
        requests.predict(http_client(url), of_version("v2")[-1])
