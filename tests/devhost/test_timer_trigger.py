"""Timers: schedules, and one tick a second in the app."""

import re
import time
from datetime import UTC, datetime
from itertools import islice

import pytest

from devhost.errors import DevhostError
from devhost.runtime import Function
from devhost.timer_trigger import occurrences, schedule_of
from tests.devhost.conftest import Calls
from tests.support.running_app import RunningApp
from tests.support.waiting import wait_until

START = datetime(2024, 1, 1, 12, 0, 0, tzinfo=UTC)  # a Monday


@pytest.mark.parametrize(
    ("schedule", "moments"),
    [
        ("0 */5 * * * *", ["2024-01-01T12:05:00", "2024-01-01T12:10:00"]),
        ("*/30 * * * * *", ["2024-01-01T12:00:30", "2024-01-01T12:01:00"]),
        ("0 30 9 * * 1-5", ["2024-01-02T09:30:00", "2024-01-03T09:30:00"]),
        ("0 0 0 13 * 5", ["2024-09-13T00:00:00", "2024-12-13T00:00:00"]),  # NCRONTAB: Friday AND the 13th
        ("*/5 * * * *", ["2024-01-01T12:05:00", "2024-01-01T12:10:00"]),
        ("00:00:10", ["2024-01-01T12:00:10", "2024-01-01T12:00:20"]),
    ],
)
def test_a_schedule_comes_when_it_says(schedule: str, moments: list[str]) -> None:
    found = [moment.strftime("%Y-%m-%dT%H:%M:%S") for moment in islice(occurrences(schedule, START), 2)]
    assert found == moments


@pytest.mark.parametrize("schedule", ["", "every day", "61 * * * * *", "00:00:00", "* * *", "0 0 0 31 2 *"])
def test_a_bad_schedule_is_said(schedule: str) -> None:
    trigger = {"type": "timerTrigger", "schedule": schedule}
    with pytest.raises(DevhostError, match=f"^tidy: .*{re.escape(repr(schedule))}"):
        schedule_of(Function("tidy", "id", (trigger,), is_async=False, deferred=frozenset()))


def test_two_workers_tick_once_a_second(app: RunningApp, calls: Calls) -> None:
    wait_until(lambda: calls.of("on_tick"), what="a tick")
    before, started = len(calls.of("on_tick")), time.monotonic()
    time.sleep(3)
    ticks = len(calls.of("on_tick")) - before
    assert 2 <= ticks <= time.monotonic() - started + 1
    assert {call["past_due"] for call in calls.of("on_tick")} == {False}
