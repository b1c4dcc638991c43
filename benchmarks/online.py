"""Online speed: POST predict through devhost against FastAPI + scikit-learn and ``mlflow models serve``.

    python -m benchmarks.online [--runs 5] [--seconds 4] [--output FILE]

Every server has one worker process and the champion; all of them are asked the same 200 drive-days in turn by
wrk, over kept-alive connections, and must first give the same probabilities. They take turns within a round.
The peers answer with a probability alone, so POST predict is asked without reasons to be compared, and with
reasons beside. ``mlflow models serve`` is sent the finished features: it cannot make them. GET ping shows
what of a latency is not the model's.

Beside wall time stands the CPU time of a request, over all processes of the server: on a busy machine it is
the steadier figure. Then handlers are called in this process (`benchmarks.online_in_process`).
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import numpy as np

from benchmarks import online_in_process
from benchmarks.measuring import wrk
from benchmarks.measuring.process_tree import cpu_seconds
from benchmarks.measuring.processes import ROOT
from benchmarks.measuring.tables import markdown, report
from benchmarks.online_bodies import drive_days, inputs_of
from benchmarks.peers import fastapi_peer, mlflow_peer
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Scorer
from tests.support.running_app import RunningApp, RunningAzurite, running_app

CONNECTIONS = 16
TIMES_FASTAPI, TIMES_MLFLOW = 8.0, 25.0
"""Least requests a second of POST predict, in times the peer's, at 16 connections."""

LIMIT_P50_OF_MLFLOW = 0.1
LIMIT_P99_OF_P50 = 5.0
"""At one connection."""

OURS, REASONS, FASTAPI, MLFLOW = (
    "POST predict",
    "with reasons",
    "FastAPI + scikit-learn",
    "mlflow models serve",
)
PING = "GET ping"
"""The app without model and body: what the host and the machine make of a latency."""

AGREEMENT = 1e-6


class Server(NamedTuple):
    """One server and what it is sent."""

    base_url: str
    pid: int
    path: str
    bodies: list[str]


def probability(answer: Any) -> float:
    """Return the probability in a server's answer."""
    return float(answer["predictions"][0][1] if "predictions" in answer else answer["probability"])


def check_agreement(servers: dict[str, Server]) -> None:
    """End the run when two servers differ on a request: they would not do the same work."""
    found = {}
    for name, server in servers.items():
        if not server.bodies:
            continue
        with httpx.Client(base_url=server.base_url, timeout=30) as client:
            headers = {"content-type": "application/json"}
            answers = [client.post(server.path, content=body, headers=headers) for body in server.bodies]
            found[name] = np.array([probability(answer.raise_for_status().json()) for answer in answers])
    for name, values in found.items():
        difference = float(np.abs(values - found[OURS]).max())
        if difference > AGREEMENT:
            raise SystemExit(
                f"{name} differs from {OURS} by {difference:.2g}; at most {AGREEMENT:g} is the same"
            )


def start_app(stack: ExitStack, folder: Path) -> RunningApp:
    """Run the app under devhost with one worker, as it is deployed otherwise."""
    azurite = RunningAzurite(folder / "azurite")
    stack.callback(azurite.stop)
    return stack.enter_context(running_app(ROOT, azurite.connection_string, folder))


def start(stack: ExitStack, app: RunningApp, scorer: Scorer) -> dict[str, Server]:
    """Start the peers and return all servers."""
    rows = drive_days()
    names = [feature.name for feature in scorer.model.plan.features]
    bodies = [json.dumps(row) for row in rows]
    features = [
        json.dumps({"dataframe_split": {"columns": names, "data": [values]}})
        for values in inputs_of(rows, scorer)
    ]
    fastapi = stack.enter_context(fastapi_peer(scorer.model.folder))
    mlflow = stack.enter_context(mlflow_peer(scorer.model.folder))
    return {
        OURS: Server(app.base_url, app.process.pid, "/api/predict?reasons=none", bodies),
        REASONS: Server(app.base_url, app.process.pid, "/api/predict", bodies),
        FASTAPI: Server(fastapi.base_url, fastapi.pid, "/predict", bodies),
        MLFLOW: Server(mlflow.base_url, mlflow.pid, "/invocations", features),
        PING: Server(app.base_url, app.process.pid, "/api/ping", []),
    }


def measure(servers: dict[str, Server], rounds: int, seconds: int, folder: Path) -> dict[str, Any]:
    """Load the servers in turns and return the medians over rounds, and of the ratios within them."""
    scripts = {
        name: wrk.write_script(folder / f"{index}.lua", server.path, server.bodies)
        for index, (name, server) in enumerate(servers.items())
    }
    many: dict[str, list[wrk.Load]] = {name: [] for name in servers}
    one: dict[str, list[wrk.Load]] = {name: [] for name in servers}
    cpu: dict[str, list[float]] = {name: [] for name in servers}
    for number in range(rounds + 1):  # the first warms up
        for name, server in servers.items():
            alone = wrk.load(server.base_url, scripts[name], 1, max(1, seconds // 2))
            before = cpu_seconds(server.pid)
            crowd = wrk.load(server.base_url, scripts[name], CONNECTIONS, seconds)
            if number:
                one[name].append(alone)
                many[name].append(crowd)
                cpu[name].append((cpu_seconds(server.pid) - before) / crowd.requests * 1e6)

    def middle(values: list[float]) -> float:
        return statistics.median(values)

    return {
        name: {
            "rate": round(middle([each.rate for each in many[name]]), 1),
            "of_ours": round(
                middle([a.rate / b.rate for a, b in zip(many[OURS], many[name], strict=True)]), 2
            ),
            "p50_us": middle([each.p50 for each in one[name]]),
            "p99_us": middle([each.p99 for each in one[name]]),
            "p50_ratio": round(middle([a.p50 / b.p50 for a, b in zip(one[OURS], one[name], strict=True)]), 3),
            "p99_of_p50": round(middle([each.p99 / each.p50 for each in one[name]]), 2),
            "p50_us_16": middle([each.p50 for each in many[name]]),
            "p99_us_16": middle([each.p99 for each in many[name]]),
            "cpu_us": round(middle(cpu[name])),
            "cpu_of_ours": round(middle([b / a for a, b in zip(cpu[OURS], cpu[name], strict=True)]), 2),
            "errors": sum(each.errors for each in (*one[name], *many[name])),
        }
        for name in servers
    }


def as_text(found: dict[str, Any], rounds: int) -> str:
    """Return the result as Markdown."""
    header = ["", "requests/s", "ours is", "CPU µs a request", "ours is", "p50 µs", "p99 µs", "p99 / p50"]
    rows = [
        [
            name, f"{of['rate']:,.0f}", f"{of['of_ours']:.1f} x",
            f"{of['cpu_us']:,}", f"{of['cpu_of_ours']:.1f} x",
            f"{of['p50_us']:,.0f}", f"{of['p99_us']:,.0f}", of["p99_of_p50"],
        ]
        for name, of in found.items()
    ]  # fmt: skip
    return (
        f"Requests a second and CPU at {CONNECTIONS} connections, latency at one; medians of {rounds} rounds "
        f"(limits: {TIMES_FASTAPI:g} x FastAPI, {TIMES_MLFLOW:g} x MLflow)\n\n{markdown(header, rows)}\n"
        f"p50 is {found[MLFLOW]['p50_ratio']} of MLflow's (limit {LIMIT_P50_OF_MLFLOW}); p99 is "
        f"{found[OURS]['p99_of_p50']} times p50 (limit {LIMIT_P99_OF_P50:g}).\n"
    )


def main() -> int:
    """Measure, print, and return 1 when a limit is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.online", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="rounds of all servers")
    parser.add_argument("--seconds", type=int, default=4, help="of one load at 16 connections")
    parser.add_argument("--output", type=Path, help="also write the figures as JSON, and the table beside it")
    options = parser.parse_args()
    wrk.require()
    scorer = Scorer(Model.load(ROOT / "models"))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="online-")))
        servers = start(stack, start_app(stack, folder), scorer)
        check_agreement(servers)
        found = measure(servers, options.runs, options.seconds, folder)
    here = online_in_process.measure(scorer)
    text = f"{as_text(found, options.runs)}\n{online_in_process.as_text(here)}"
    report(text, {"runs": options.runs, "servers": found, "in_process": here}, options.output)
    missed = (
        found[FASTAPI]["of_ours"] < TIMES_FASTAPI
        or found[MLFLOW]["of_ours"] < TIMES_MLFLOW
        or found[MLFLOW]["p50_ratio"] > LIMIT_P50_OF_MLFLOW
        or found[OURS]["p99_of_p50"] > LIMIT_P99_OF_P50
        or any(of["errors"] for of in found.values())
    )
    return int(missed or online_in_process.misses(here))


if __name__ == "__main__":
    sys.exit(main())
