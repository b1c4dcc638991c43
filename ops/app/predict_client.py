"""`POST /api/predict` as a client calls it."""

from __future__ import annotations

import httpx
import msgspec

from ops.app.drive_record import DriveRecord
from ops.errors import OpsError


class AnswerReason(msgspec.Struct):
    """One reason for a forecast, as far as ops shows it."""

    sentence: str


class Prediction(msgspec.Struct):
    """The answer's fields that ops shows."""

    serial_number: str
    probability: float | None
    risk: str
    advice: str
    model_version: str
    scope: str = ""
    basis: str = ""
    reasons: list[AnswerReason] = []


def predict(url: str, record: DriveRecord, history: list[DriveRecord]) -> Prediction:
    """Ask the app about one drive.

    Parameters
    ----------
    url : str
        Where the app is, without ``/api``.
    history : list of dict
        Its earlier telemetry, oldest first.

    Raises
    ------
    OpsError
        When the answer is a problem or not what the API promises.
    """
    body = {**record, "history": history} if history else record
    answer = httpx.post(f"{url}/api/predict", json=body, timeout=30.0)
    if answer.status_code != httpx.codes.OK:
        raise OpsError(
            f"POST /api/predict answered {answer.status_code}: {' '.join(answer.text.split())[:400]}"
        )
    try:
        return msgspec.json.decode(answer.content, type=Prediction)
    except msgspec.MsgspecError as error:
        raise OpsError(f"POST /api/predict answered something else than a prediction: {error}") from None
