"""The online handlers called in this process: what they add to the bare run of the ONNX graph.

    python -m benchmarks.online_in_process

Medians over calls that rotate through the 200 drive-days, the ways taking turns in small groups. On a busy
machine the bare run is slow as well: the figure to compare is how many of its times a request takes.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable
from itertools import cycle
from time import perf_counter

import azure.functions as func
import numpy as np
import onnxruntime as ort

from benchmarks.online_bodies import batch, drive_days, inputs_of
from benchmarks.processes import ROOT
from benchmarks.tables import markdown
from functions.online import predict, predict_batch
from functions.scoring.manifest import MODEL_FILE
from functions.scoring.model import Model
from functions.scoring.scorer import Scorer

LIMITS_US = {"without reasons": 60.0, "with reasons": 3000.0, "batch, a drive": 10.0}
"""p50 in microseconds."""

ROUNDS, CALLS = 60, 50
BATCH_ROUNDS = 3
BATCH_DRIVES = 1000


def _request(body: bytes, **params: str) -> func.HttpRequest:
    headers = {"content-type": "application/json"}
    return func.HttpRequest("POST", "http://localhost/api/predict", headers=headers, params=params, body=body)


def measure(scorer: Scorer) -> dict[str, float]:
    """Return the median microseconds of each way; of a batch, those of one drive."""
    rows = drive_days()
    bodies = [json.dumps(row).encode() for row in rows]
    plain = cycle([_request(body, reasons="none") for body in bodies])
    explained = cycle([_request(body) for body in bodies])
    many = _request(batch(drive_days(BATCH_DRIVES)))
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(
        scorer.model.folder / MODEL_FILE, options, providers=["CPUExecutionProvider"]
    )
    inputs = np.array(
        [[np.nan if v is None else v for v in row] for row in inputs_of(rows, scorer)], np.float32
    )
    lone = cycle([inputs[place : place + 1] for place in range(len(inputs))])
    ways: dict[str, tuple[int, Callable[[], object]]] = {
        "bare ONNX run": (CALLS, lambda: session.run(None, {"features": next(lone)})),
        "without reasons": (CALLS, lambda: predict(next(plain))),
        "with reasons": (CALLS, lambda: predict(next(explained))),
        "batch, a drive": (BATCH_ROUNDS, lambda: predict_batch(many)),
    }
    times: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(ROUNDS + 2):  # the first two warm up
        for way, (calls, call) in ways.items():
            for _ in range(calls):
                started = perf_counter()
                call()
                spent = perf_counter() - started
                if number >= 2:  # noqa: PLR2004
                    times[way].append(spent * 1e6)
    times["batch, a drive"] = [spent / BATCH_DRIVES for spent in times["batch, a drive"]]
    return {way: round(statistics.median(found), 2) for way, found in times.items()}


def as_text(found: dict[str, float]) -> str:
    """Return the result as Markdown."""
    bare = found["bare ONNX run"]
    rows = [[way, us, f"{us / bare:.1f} x", LIMITS_US.get(way, "")] for way, us in found.items()]
    return markdown(["in process", "p50 µs", "of the bare run", "limit µs"], rows)


def missed(found: dict[str, float]) -> bool:
    """Return whether a limit is missed."""
    return any(found[way] > limit for way, limit in LIMITS_US.items())


def main() -> int:
    """Measure, print, and return 1 when a limit is missed."""
    found = measure(Scorer(Model.load(ROOT / "models")))
    print(as_text(found), end="")
    return int(missed(found))


if __name__ == "__main__":
    sys.exit(main())
