"""A file uploaded again: its result is what its content gives, whatever the version before it has left.

A file of two dates a week apart would find the first of them in the history once it has been scored.
"""

from __future__ import annotations

from functools import partial

import pytest

from tests.functions.batch.app_here import AppHere
from tests.functions.batch.conftest import RunRanges
from tests.functions.batch.faults.test_poison import AT_ONCE, replay
from tests.functions.conftest import Fleet
from tests.support.drives import read_csv, row, table
from tests.support.fault_proxy import Fault, FaultProxy, Request
from tests.support.running_app import RunningAzurite
from tests.support.undisturbed import Undisturbed

SIZES = {"whole": 50, "ranges": 700}
"""Drives of a file that is scored in one piece, and of one that is scored in ranges."""

YEARS = {"whole": 2081, "ranges": 2082}


def week(year: int, drives: int, *, worn: int) -> bytes:
    """Write drives that were as good as new on one day, and a week later had these reallocated sectors."""
    return table(
        row(f"S{number}", f"{year}-01-{day}", smart_5_raw=sectors)
        for day, sectors in ((18, 0), (25, worn))
        for number in range(drives)
    )


def arrive(app_here: AppHere, name: str) -> None:
    """Deliver a file and what becomes of it."""
    if tasks := app_here.arrive(name).tasks:
        app_here.ranges(tasks)


@pytest.mark.parametrize("kind", SIZES)
def test_as_it_was_or_corrected(app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed, kind: str) -> None:
    data = partial(week, YEARS[kind], SIZES[kind])
    fleet.drop("q.csv", data(worn=10))
    arrive(app_here, "q.csv")
    first = fleet.output("q.csv")
    etag = fleet.drop("q.csv", data(worn=10))
    arrive(app_here, "q.csv")
    fleet.summary("q", etag, 0, status="scored")
    assert fleet.output("q.csv") == first
    etag = fleet.drop("q.csv", data(worn=48))
    arrive(app_here, "q.csv")
    undisturbed.expect(fleet, "q", data(worn=48), etag, 0)
    assert fleet.output("q.csv") != first


def test_one_date_over_another_has_its_history(app_here: AppHere, fleet: Fleet) -> None:
    """As who overwrites one file day by day; and again when a day comes twice."""
    outputs = []
    for day in ("2083-01-18", "2083-01-25", "2083-01-25"):
        etag = fleet.drop("latest.csv", table([row("S1", day, smart_5_raw=9)]))
        arrive(app_here, "latest.csv")
        fleet.summary("latest", etag, 0, status="scored")
        outputs.append(fleet.output("latest.csv"))
    days = [read_csv(output)[0]["history_days"] for output in outputs]
    assert days == ["0", "7", "7"]
    assert outputs[1] == outputs[2]


@pytest.mark.parametrize("kind", SIZES)
def test_one_date_corrected_by_several_is_not_joined(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed, kind: str
) -> None:
    """Nor if the messages of the ranges that are scored again were never sent: the next try says it again."""
    data = week(YEARS[kind] + 10, SIZES[kind], worn=10)
    header, *lines = data.splitlines(keepends=True)
    fleet.drop("q.csv", header + b"".join(lines[: len(lines) // 2]).replace(b",0,", b",3,"))
    arrive(app_here, "q.csv")
    etag = fleet.drop("q.csv", data)
    if tasks := app_here.arrive("q.csv").tasks:
        unsent = app_here.ranges(tasks, until=lambda outcome: "earlier version" in outcome.message).tasks
        assert {task.attempt for task in unsent} == {1}
        app_here.ranges(app_here.range(tasks[-1]).tasks)
    undisturbed.expect(fleet, "q", data, etag, 0)


@pytest.mark.slow
def test_replayed(
    run_ranges: RunRanges, fleet: Fleet, account: RunningAzurite, undisturbed: Undisturbed
) -> None:
    """Its snapshots were written, its outputs could not be; a replay gives it a new ETag."""
    data = week(2084, 40, worn=10)

    def refuse(request: Request) -> Fault | None:
        at_outputs = request.container == "predictions" and request.blob == f"{fleet.folder}/day.csv"
        return "403" if at_outputs and request.method == "PUT" else None

    with (
        FaultProxy(account.at.blob, refuse) as proxy,
        run_ranges(connection_string=proxy.in_front_of(account.connection_string), settings=AT_ONCE) as app,
    ):
        etag = fleet.drop("day.csv", data)
        app.wait_for("moved to queue telemetry-events-poison", 120)
        proxy.decide = lambda _: None
        now = replay(account, "telemetry-events-poison", f"telemetry/{fleet.folder}/day.csv")
        assert now != etag
        undisturbed.expect(fleet, "day", data, now)
