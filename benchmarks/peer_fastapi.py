"""The service most people write: FastAPI, the unpickled pipeline, features by plain code.

Runs in an environment of its own (see `benchmarks.peers`), one uvicorn worker. It does less than the app:
whatever is in the body is taken as it is, and there are no reasons, no risk and no ids.
"""

import datetime as dt
import json
import math
import os
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict

FOLDER = Path(os.environ["DRIVECAST_VERSION"])
FEATURES = json.loads((FOLDER / "manifest.json").read_text())["features"]
WINDOWS = {7: (5, 10), 28: (21, 35)}
pipeline = joblib.load(FOLDER / "pipeline.joblib")
app = FastAPI()


class PeerDrive(BaseModel):
    """One drive on one day; the SMART columns are taken as they come."""

    model_config = ConfigDict(extra="allow")
    date: dt.date
    serial_number: str
    model: str
    history: list[dict[str, Any]] = []


def decode_raw(row: dict[str, Any], attribute: int) -> float:
    """Return an attribute's value, NaN where it is missing."""
    raw = row.get(f"smart_{attribute}_raw")
    if raw is None:
        return math.nan
    low16 = attribute in (5, 188, 196)
    return float(raw % 65536 if low16 else raw)


def features(drive: PeerDrive) -> list[float]:
    """Return the model's input."""
    now = drive.model_extra or {}
    earlier = {}
    for days, (nearest, farthest) in WINDOWS.items():
        ages = {(drive.date - dt.date.fromisoformat(row["date"])).days: row for row in drive.history}
        fitting = sorted((abs(age - days), age) for age in ages if nearest <= age <= farthest)
        earlier[days] = ages[fitting[0][1]] if fitting else {}
    row = []
    for feature in FEATURES:
        value = decode_raw(now, feature["attribute"])
        if feature["kind"] == "change":
            value -= decode_raw(earlier[feature["window"]], feature["attribute"])
        if feature.get("transform") == "log1p":
            value = math.copysign(math.log1p(abs(value)), value)
        row.append(value)
    return row


@app.post("/predict")
async def predict(drive: PeerDrive) -> dict[str, Any]:
    """Answer with the probability of failing."""
    matrix = np.array([features(drive)], dtype=np.float32)
    return {
        "serial_number": drive.serial_number,
        "probability": float(pipeline.predict_proba(matrix)[0, 1]),
    }
