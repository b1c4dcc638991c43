"""The steps over HTTP: health, readiness, one prediction."""

from __future__ import annotations

import time
from http import HTTPStatus

import httpx
import msgspec

from ops.app import response
from ops.app.predict_client import Prediction
from ops.app.response import AppAnswer
from ops.app.target import KEY_VARIABLE
from ops.errors import OpsError
from ops.smoke import recorded
from ops.smoke.recorded import Row
from ops.smoke.step import Clock

PAUSE = 0.5
"""Seconds between two questions to an app that is just starting."""


def wait_until_healthy(http: httpx.Client, clock: Clock) -> str:
    """Ask for health until the app answers 200: one scaled to zero has to start. Return the model's version.

    OpsError when the time is over, or the answer names no model.
    """
    seen = "no answer"
    while clock.left:
        try:
            answer = response.get(http, response.HEALTH)
        except OpsError as error:
            seen = str(error)
        else:
            if answer.is_ok:
                return _version(answer)
            seen = f"GET {response.HEALTH} answered {answer.summary}"
        time.sleep(min(PAUSE, clock.left))
    raise OpsError(f"not healthy within {clock.seconds:g} s: {seen}")


def _version(answer: AppAnswer) -> str:
    version = answer.document.get("model_version")
    if not isinstance(version, str):
        raise OpsError(f"GET {response.HEALTH} names no model_version: {answer.text}")
    return version


def ready(http: httpx.Client) -> str:
    """Ask whether the app is ready; return the state it named.

    OpsError when it is not, or does not know the question.
    """
    answer = response.get(http, response.READY)
    if answer.status == HTTPStatus.NOT_FOUND:
        raise OpsError(
            f"GET {response.READY} answered 404: the app that runs is older than this folder; deploy it"
        )
    if not answer.is_ok:
        raise OpsError(f"GET {response.READY} answered {answer.summary}")
    return str(answer.document.get("status", "no status named"))


def predict(http: httpx.Client, expected: Row) -> str:
    """Ask for a drive's forecast, compare it with the recorded row, and return it in words.

    OpsError when the answer is no forecast, or another one.
    """
    posted = http.post("/api/predict", json=recorded.drive(expected))
    answer = response.of(posted)
    if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise OpsError(
            f"POST /api/predict answered {answer.status}: it wants a function key; set {KEY_VARIABLE}, or "
            "name the app with --app and --resource-group"
        )
    if not answer.is_ok:
        raise OpsError(f"POST /api/predict answered {answer.summary}")
    try:
        found = msgspec.json.decode(posted.content, type=Prediction)
    except msgspec.MsgspecError as error:
        raise OpsError(f"POST /api/predict answered something else than a prediction: {error}") from None
    names = ("serial_number", "probability", "risk", "model_version")
    here = {name: str(getattr(found, name)) for name in names}
    if wrong := recorded.differences([here], [{name: expected[name] for name in names}]):
        raise OpsError("; ".join(wrong))
    chance = "no probability" if found.probability is None else f"{found.probability:.6f}"
    return f"{found.serial_number}: {chance}, {found.risk}, as recorded"
