"""The app that forecasts: smartctl's output goes to it, and a line for each drive at risk comes back."""

from __future__ import annotations

import json
from typing import Any, Callable, Iterable
from urllib.parse import urlsplit, urlunsplit

from collector.drives.collection import ReadDrive
from collector.sending.delivery import Receiver
from collector.sending.http_exchange import Outgoing, Reply
from collector.sending.parcel import BATCH, DRIVE, Parcel

SEND_AS = ("each", "batch")
"""A request for each drive (`POST predict`), or one for many (`POST predict/batch`)."""

BATCH_DRIVES = 500
BATCH_BYTES = 3 * 2**20
"""Of one request; the app's own limits, MAX_DRIVES and MAX_BATCH_BODY_BYTES, are 1,000 and 4 MiB."""

SMARTCTL = "application/vnd.smartmontools+json"
"""Media type by which predict knows smartctl's output."""

ADVICE = "check the address of --send, and --key: a function key, `az functionapp keys list` shows it"


def parcels_of(drives: Iterable[ReadDrive], send_as: str, host: str) -> list[Parcel]:
    """Return the parcels for the app; *send_as* is one of `SEND_AS`."""
    bodies = [(drive, json.dumps(drive.document, separators=(",", ":")).encode("utf-8")) for drive in drives]
    if send_as == "each":
        return [Parcel(DRIVE, "{model}/{serial_number}".format(**drive.row), body) for drive, body in bodies]
    groups: list[list[bytes]] = []
    room = 0
    for _, body in bodies:
        if not groups or len(groups[-1]) == BATCH_DRIVES or len(body) + 1 > room:
            groups.append([])
            room = BATCH_BYTES
        groups[-1].append(body)
        room -= len(body) + 1
    return [
        Parcel(BATCH, f"{host}/{number}", b"[" + b",".join(group) + b"]")
        for number, group in enumerate(groups)
    ]


def forecast_app(address: str, key: str, say: Callable[[str], None]) -> Receiver:
    """Return the receiver of smartctl's output; *say* is handed a line for each drive not at low risk.

    *address* is that of the app, with or without ``/api``; *key* is a function key, or "".
    """
    parts = urlsplit(address)
    root = parts.path.rstrip("/")
    root = root if root.endswith("/api") else root + "/api"

    def request(parcel: Parcel) -> Outgoing:
        single = parcel.kind == DRIVE
        path = root + ("/predict" if single else "/predict/batch")
        headers = {"Content-Type": SMARTCTL if single else "application/json"}
        if key:
            headers["x-functions-key"] = key
        return Outgoing("POST", urlunsplit(parts._replace(path=path, query="")), headers, parcel.body)

    def answered(_parcel: Parcel, reply: Reply) -> None:
        for line in risk_lines(_document(reply.body)):
            say(line)

    return Receiver({DRIVE, BATCH}, request, answered, _why, ADVICE)


def risk_lines(answer: dict[str, Any]) -> list[str]:
    """Return a line for each drive of an answer that is at risk, or was not answered."""
    results = answer.get("results")
    items = results if isinstance(results, list) else [{"forecast": answer}]
    lines = []
    for item in items:
        found = item if isinstance(item, dict) else {}
        forecast, problem = found.get("forecast"), found.get("problem")
        if isinstance(problem, dict):
            lines.append("the app has no forecast: {}".format(problem.get("detail", "")))
        elif isinstance(forecast, dict) and forecast.get("risk") not in (None, "low"):
            lines.append(_risk_line(forecast))
    return lines


def _risk_line(forecast: dict[str, Any]) -> str:
    probability = forecast.get("probability")
    known = isinstance(probability, float)
    share = f", {probability:.1%} within {forecast.get('horizon_days')} days" if known else ""
    drive = f"{forecast.get('model')} {forecast.get('serial_number')}"
    return f"{drive}: risk {forecast['risk']}{share}. {forecast.get('advice', '')}".rstrip()


def _why(reply: Reply) -> str:
    problem = _document(reply.body)
    return str(problem.get("detail") or problem.get("code") or "no reason given")


def _document(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
