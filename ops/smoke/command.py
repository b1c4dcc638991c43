"""The command: ``python -m ops smoke``."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import httpx
from azure.core.exceptions import AzureError
from rich.table import Table
from rich.text import Text

from ops.app import target
from ops.app.target import Target
from ops.console import console
from ops.errors import OpsError
from ops.smoke import arrival, recorded, requests
from ops.smoke.round_trip import round_trip
from ops.smoke.step import Clock, SmokeStep

TIME_LIMIT = 180.0
"""Seconds for everything: a cold start, and an Event Grid delivery that is retried once."""

LONGEST_ANSWER = 60.0
"""Seconds one answer over HTTP may take, while there is time: a cold start is among them."""

STYLES = {"ok": "green", "failed": "bold red", "not tried": "yellow"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--timeout",
        type=float,
        default=TIME_LIMIT,
        metavar="SECONDS",
        help="time limit for all steps together (%(default)s)",
    )
    parser.add_argument(
        "--wait",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="first wait at most this long for roles, keys and the host to arrive: after a deployment",
    )
    parser.add_argument(
        "--record",
        action="store_true",
        help="ask no app; write what every version in models/ scores, for later smoke tests to compare with",
    )
    target.add_target_arguments(parser)


def run(args: argparse.Namespace) -> None:
    """Take all steps and print a table; OpsError when a step failed or could not be tried."""
    out = console()
    if args.record:
        for path in recorded.record(recorded.MODELS, recorded.RECORDED):
            out.print(f"{path.relative_to(recorded.FOLDER.parent)} written")
        return
    if not args.timeout > 0:
        raise OpsError(f"--timeout is {args.timeout:g}; expected more than 0 seconds")
    chosen = target.from_arguments(args)
    chosen.sign_in()
    if args.wait > 0:
        arrival.wait(chosen, args.wait, lambda line: out.print(Text(line)))
    steps = take(chosen, Clock(args.timeout))
    table = Table(title=f"Smoke test of {chosen.url}", title_justify="left")
    for name in ("step", "result", "seen"):
        table.add_column(name, overflow="fold")
    for step in steps:
        table.add_row(step.name, Text(step.result, style=STYLES[step.result]), Text(step.message))
    out.print(table)
    if wrong := [step.name for step in steps if step.result != "ok"]:
        raise OpsError(f"{len(wrong)} of {len(steps)} steps are not ok: {', '.join(wrong)}")


def take(chosen: Target, clock: Clock) -> list[SmokeStep]:
    """Take the steps health, readiness, recorded values, prediction and file, all within one time limit.

    Steps that build on a failed one are not tried.
    """
    steps: list[SmokeStep] = []

    def step[T](name: str, needs: object, work: Callable[[], T], tell: Callable[[T], str]) -> T | None:
        if not needs:
            steps.append(SmokeStep(name, "not tried", "an earlier step failed"))
            return None
        try:
            clock.check()
            chosen.http.timeout = min(LONGEST_ANSWER, clock.left)
            found = work()
        except (OpsError, AzureError, httpx.HTTPError) as error:
            steps.append(SmokeStep(name, "failed", " ".join(str(error).split())))
            return None
        steps.append(SmokeStep(name, "ok", tell(found)))
        return found

    def scored() -> str:
        if not chosen.has_storage:
            raise OpsError("the storage account is not known; name it with --account or --storage (or --app)")
        return round_trip(chosen.blobs, rows or [], clock)

    version = step(
        "health",
        True,
        lambda: requests.wait_until_healthy(chosen.http, clock),
        lambda found: f"model {found}",
    )
    step("ready", version, lambda: requests.ready(chosen.http), str)
    rows = step(
        "recorded values",
        version,
        lambda: recorded.of_version(str(version)),
        lambda found: f"{len(found)} drives recorded for {version}",
    )
    step("prediction", rows, lambda: requests.predict(chosen.http, (rows or [])[-1]), str)
    step("file", rows, scored, str)
    return steps
