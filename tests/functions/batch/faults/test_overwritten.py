"""A file uploaded again while it is scored: whoever is last, the outputs are the new version's, all of them.

A run is held at one request, as a worker might be by a pause of its machine, while the other run goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.functions.batch.conftest import RunRanges
from tests.functions.conftest import Fleet
from tests.support.drives import WORN, row, table
from tests.support.fault_proxy import FaultProxy, Hold, Request
from tests.support.running_app import RunningApp, RunningAzurite
from tests.support.undisturbed import Undisturbed

DAY = "2021-01-25"
SIZES = {"whole": 150, "ranges": 800}
"""Rows of a file that is scored in one piece, and of one that is scored in ranges."""

STEPS = {"whole": ("snapshot", "scored", "summary"), "ranges": ("commit", "rejects", "summary")}
"""Of what a run does at its end; the summary is its last."""


class Held(NamedTuple):
    """An app behind a proxy."""

    app: RunningApp
    proxy: FaultProxy


@pytest.fixture(scope="module")
def held(run_ranges: RunRanges, account: RunningAzurite) -> Iterator[Held]:
    with (
        FaultProxy(account.at.blob) as proxy,
        run_ranges(
            workers=3,
            connection_string=proxy.in_front_of(account.connection_string),
            options=("--no-azurite", "--message-lease", "2"),
        ) as app,
    ):
        yield Held(app, proxy)


def old_and_new(kind: str) -> tuple[bytes, bytes]:
    """Make two versions of a file that differ in every row."""
    rows = SIZES[kind]
    old = table([row(f"OLD{n}", DAY, smart_5_raw=n % 60) for n in range(rows)])
    return old, table([*(row(f"NEW{n}", DAY, **WORN) for n in range(rows)), "oops"])


def at(fleet: Fleet, step: str) -> Hold:
    """Hold the first request of a step."""
    ending = {"scored": "day.csv", "rejects": "day.rejects.csv", "summary": "day.summary.json"}.get(step)

    def matches(request: Request) -> bool:
        if not request.blob or request.method != "PUT":
            return False
        if step == "snapshot":
            return request.container == "history" and request.blob == f"{DAY}/{fleet.folder}/day.arrow"
        if step == "commit":
            in_runs = request.container == "runs" and request.blob.startswith(f"{fleet.folder}/day.csv/")
            return in_runs and request.query == "comp=blocklist" and request.blob.endswith("/output.csv")
        return request.container == "predictions" and request.blob == f"{fleet.folder}/{ending}"

    return Hold(matches)


def ended(held: Held, fleet: Fleet) -> None:
    """Wait until the old run has seen that it is old."""
    held.app.wait_for(rf"{fleet.folder}/day\.csv(, range \d+)?: .*(superseded|stopped)", 60)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "step"), [(kind, step) for kind in STEPS for step in STEPS[kind]])
def test_the_old_run_goes_on_when_the_new_one_is_done(
    held: Held, fleet: Fleet, undisturbed: Undisturbed, kind: str, step: str
) -> None:
    old, new = old_and_new(kind)
    before = held.proxy.decide = at(fleet, step)
    fleet.drop("day.csv", old)
    assert before.arrived.wait(60)
    etag = fleet.drop("day.csv", new)
    undisturbed.expect(fleet, "day", new, etag)
    before.release()
    ended(held, fleet)
    undisturbed.expect(fleet, "day", new, etag)


@pytest.mark.slow
@pytest.mark.parametrize("kind", SIZES)
def test_the_new_run_goes_on_when_the_old_one_is_done(
    held: Held, fleet: Fleet, undisturbed: Undisturbed, kind: str
) -> None:
    old, new = old_and_new(kind)
    first = held.proxy.decide = at(fleet, "scored")
    fleet.drop("day.csv", old)
    assert first.arrived.wait(60)
    last = at(fleet, "summary")
    held.proxy.decide = lambda request: first(request) or last(request)
    etag = fleet.drop("day.csv", new)
    assert last.arrived.wait(60)
    first.release()
    ended(held, fleet)
    assert "day.summary.json" not in fleet.outputs()
    assert b"OLD" not in fleet.output("day.csv")
    last.release()
    undisturbed.expect(fleet, "day", new, etag)
