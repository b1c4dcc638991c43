"""The online handlers called in this process: what they add to the bare run of the ONNX graph.

    python -m benchmarks.online_in_process

Medians over calls that rotate through the 200 drive-days, the ways taking turns in small groups. On a busy
machine the bare run is slow as well: the figure to compare is how many of its times a request takes, and the
limits grow with it. A batch is timed in CPU seconds.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable
from itertools import cycle
from time import perf_counter, thread_time

import azure.functions as func
import numpy as np
import onnxruntime as ort

from benchmarks.measuring.processes import ROOT
from benchmarks.measuring.tables import markdown
from benchmarks.online_bodies import batch, drive_days, inputs_of
from functions.blueprints.predict import predict, predict_batch
from functions.scoring.model.manifest import MODEL_FILE
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Scorer

LIMITS_US = {"without reasons": 60.0, "with reasons": 3000.0, "batch, a drive": 10.0}
"""p50 in microseconds, where the bare run takes `BARE_US`."""

BARE_US = 7.0
"""The bare run on a processor with nothing else to do."""

ROUNDS, CALLS = 60, 50
BATCH_CALLS = 3
BATCH_DRIVES = 1000
BATCHES = ("batch, a drive", "the same without earlier rows")
"""Taken in CPU time: a call of ten milliseconds seldom has a processor to itself throughout."""


def _request(body: bytes, **params: str) -> func.HttpRequest:
    headers = {"content-type": "application/json"}
    return func.HttpRequest("POST", "http://localhost/api/predict", headers=headers, params=params, body=body)


def measure(scorer: Scorer) -> dict[str, float]:
    """Return the median microseconds of each way; of a batch, those of one drive."""
    bodies = [json.dumps(row).encode() for row in drive_days()]
    plain = cycle([_request(body, reasons="none") for body in bodies])
    explained = cycle([_request(body) for body in bodies])
    fleet = drive_days(BATCH_DRIVES)
    today = [{name: value for name, value in row.items() if name != "history"} for row in fleet]
    batches = [_request(batch(rows)) for rows in (fleet, today)]
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    path = scorer.model.folder / MODEL_FILE
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    inputs = np.array(
        [[np.nan if v is None else v for v in row] for row in inputs_of(drive_days(), scorer)], np.float32
    )
    lone = cycle([inputs[index : index + 1] for index in range(len(inputs))])
    ways: dict[str, tuple[int, Callable[[], object]]] = {
        "bare ONNX run": (CALLS, lambda: session.run(None, {"features": next(lone)})),
        "without reasons": (CALLS, lambda: predict(next(plain))),
        "with reasons": (CALLS, lambda: predict(next(explained))),
        BATCHES[0]: (BATCH_CALLS, lambda: predict_batch(batches[0])),
        BATCHES[1]: (BATCH_CALLS, lambda: predict_batch(batches[1])),
    }
    times: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for way, (calls, call) in ways.items():
            clock, drives = (thread_time, BATCH_DRIVES) if way in BATCHES else (perf_counter, 1)
            for _ in range(calls):
                started = clock()
                call()
                times[way].append((clock() - started) / drives * 1e6)
    return {way: round(statistics.median(found), 2) for way, found in times.items()}


def limits(found: dict[str, float]) -> dict[str, float]:
    """Return the limits as slow as this machine is at this moment."""
    slowness = max(1.0, found["bare ONNX run"] / BARE_US)
    return {way: round(limit * slowness, 1) for way, limit in LIMITS_US.items()}


def as_text(found: dict[str, float]) -> str:
    """Return the result as Markdown."""
    bare = found["bare ONNX run"]
    here = limits(found)
    rows = [
        [way, us, f"{us / bare:.1f} x", LIMITS_US.get(way, ""), here.get(way, "")]
        for way, us in found.items()
    ]
    return markdown(["in process", "p50 µs", "of the bare run", "limit µs", "limit here"], rows)


def misses(found: dict[str, float]) -> bool:
    """Return whether a limit is missed."""
    return any(found[way] > limit for way, limit in limits(found).items())


def main() -> int:
    """Measure, print, and return 1 when a limit is missed."""
    found = measure(Scorer(Model.load(ROOT / "models")))
    print(as_text(found), end="")
    return int(misses(found))


if __name__ == "__main__":
    sys.exit(main())
