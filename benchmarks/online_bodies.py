"""The 200 requests that rotate: drive-days with the telemetry's columns, half of them with earlier rows."""

from __future__ import annotations

import datetime as dt
import json
import math
import random
from typing import Any

from functions.scoring.model.scorer import Scorer
from functions.scoring.online.forecast import observe
from functions.scoring.online.request_parser import read_drive
from functions.scoring.smart import ATTRIBUTES

BODIES = 200
DAY = dt.date(2014, 1, 25)
EARLIER_DAYS = (7, 28)
SHARE_WORN = 0.1
"""Drives with errors; a fleet has fewer, but all branches are to be taken."""

_ERRORS = (5, 187, 188, 197, 198)


def drive_days(count: int = BODIES, seed: int = 1) -> list[dict[str, Any]]:
    """Return drive-days as the JSON objects that POST predict takes; equal ones for an equal seed."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        worn = chance.random() < SHARE_WORN
        last = {attribute: chance.randrange(1, 60_000) for attribute in ATTRIBUTES}
        last |= {attribute: chance.randrange(40) if worn else 0 for attribute in _ERRORS}
        row = {
            "date": DAY.isoformat(),
            "serial_number": f"Z300{number:04d}",
            "model": chance.choice(["ST4000DM000", "ST3000DM001", "HGST HMS5C4040ALE640"]),
            "capacity_bytes": 4000787030016,
            **{f"smart_{attribute}_raw": value for attribute, value in last.items()},
        }
        if number % 2:
            row["history"] = [
                {
                    "date": (DAY - dt.timedelta(days)).isoformat(),
                    **{f"smart_{a}_raw": max(0, last[a] - chance.randrange(10)) for a in _ERRORS},
                }
                for days in EARLIER_DAYS
            ]
        found.append(row)
    return found


def inputs_of(rows: list[dict[str, Any]], scorer: Scorer) -> list[list[float | None]]:
    """Return the model's input for every drive-day, None where missing: what a plain model server is sent."""
    inputs: list[list[float | None]] = []
    for row in rows:
        drive = read_drive(row, scorer.attributes, [])
        assert drive is not None
        seen = observe([drive], scorer)
        (values,) = scorer.model.plan.matrix(seen.now, seen.earlier).tolist()
        inputs.append([None if math.isnan(value) else value for value in values])
    return inputs


def batch(rows: list[dict[str, Any]]) -> bytes:
    """Return the body of POST predict/batch."""
    return json.dumps({"drives": rows}).encode()
