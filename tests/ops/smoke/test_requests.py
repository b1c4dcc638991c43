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
    ("answer", "message"),
    [
        ((503, {"detail": "no model"}), r"not healthy within 0\.6 s: GET /api/health answered 503: no model"),
        ((200, {"status": "ok"}), "names no model_version"),
    ],
)
def test_an_unhealthy_app(answer: tuple[int, object], message: str) -> None:
    with answering({"/api/health": answer}) as url, pytest.raises(OpsError, match=message):
        requests.wait_until_healthy(http_client(url), Clock(0.6))


def test_nobody_there() -> None:
    with pytest.raises(
        OpsError, match=r"not healthy within 0\.3 s: nothing answers at http://127\.0\.0\.1:9"
    ):
        requests.wait_until_healthy(http_client("http://127.0.0.1:9"), Clock(0.3))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((404, "Not Found"), "answered 404: the app that runs is older than this folder"),
        ((503, {"detail": "storage does not answer"}), "answered 503: storage does not answer"),
    ],
)
def test_an_app_that_is_not_ready(answer: tuple[int, object], message: str) -> None:
    with answering({"/api/ready": answer}) as url, pytest.raises(OpsError, match=message):
        requests.ready(http_client(url))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((401, ""), "wants a function key; set DRIVECAST_KEY"),
        ((500, {"detail": "oops"}), "answered 500: oops"),
        ((200, {}), "something else than a prediction"),
        ((200, ANSWER | {"probability": 0.54}), r"probability is '0\.54', recorded '0\.53371185'"),
        ((200, ANSWER | {"model_version": "v1"}), "model_version is 'v1', recorded 'v2'"),
    ],
)
def test_a_prediction_that_is_not_as_recorded(answer: tuple[int, object], message: str) -> None:
    with answering({"/api/predict": answer}) as url, pytest.raises(OpsError, match=message):
        requests.predict(http_client(url), of_version("v2")[-1])
