"""Timer triggers: NCRONTAB schedules by cronsim, in UTC; the last run is kept in storage as by the host."""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.blob import BlobClient
from cronsim import CronSim, CronSimError

from devhost.app_settings import expand
from devhost.errors import DevhostError
from devhost.invocations import Invoker
from devhost.runtime import Function, JsonInput

log = logging.getLogger("Host.Timers")

_MONITORED = timedelta(minutes=1)
"""Schedules with shorter gaps are not monitored: the last run is not stored, a missed one not made up for."""


def schedule_of(function: Function) -> str:
    """Schedule of a timer function, settings expanded, checked.

    DevhostError if it is neither a six-field (or five-field) NCRONTAB expression nor a time span.
    """
    text = expand(str(function.trigger["schedule"]), function.name)
    try:
        next(occurrences(text, datetime.now(UTC)))
    except (CronSimError, StopIteration) as error:
        reason = str(error) or "it never comes"
        raise DevhostError(
            f"{function.name}: schedule {text!r}: {reason}; "
            'expected six fields "second minute hour day month weekday"'
        ) from None
    return text


def occurrences(schedule: str, after: datetime) -> Iterator[datetime]:
    """Yield the moments of a schedule after a moment (UTC).

    NCRONTAB wants day and weekday both to match where cron wants either, so dates that match one alone are
    passed over.
    """
    span = re.fullmatch(r"(\d+):(\d{2}):(\d{2})", schedule)
    if span:
        step = timedelta(hours=int(span[1]), minutes=int(span[2]), seconds=int(span[3]))
        if step <= timedelta():
            return
        while True:
            after += step
            yield after
    moments = CronSim(schedule, after)
    for moment in moments:
        if moments.day_and or (_matches_day(moments, moment) and _matches_weekday(moments, moment)):
            yield moment


def _matches_day(moments: CronSim, moment: datetime) -> bool:
    return moment.day in moments.days or CronSim.LAST in moments.days


def _matches_weekday(moments: CronSim, moment: datetime) -> bool:
    weekdays = {day % 7 for day in moments.weekdays if isinstance(day, int)}
    return not weekdays or moment.isoweekday() % 7 in weekdays


class Timer:
    """Runs one function on its schedule."""

    def __init__(self, function: Function, invoker: Invoker, status: BlobClient) -> None:
        """Parameters: the function, what runs it, and the blob its last run is kept in."""
        self._function = function
        self._invoker = invoker
        self._status = status
        self._schedule = schedule_of(function)
        self._stopping = threading.Event()
        moments = occurrences(self._schedule, datetime.now(UTC))
        self._monitored = (
            function.trigger.get("useMonitor") is not False and -(next(moments) - next(moments)) >= _MONITORED
        )

    def start(self) -> None:
        """Begin waiting for the schedule."""
        name = f"timer-{self._function.name}"
        threading.Thread(target=self._loop, daemon=True, name=name).start()

    def stop(self) -> None:
        """Run no more."""
        self._stopping.set()

    def _loop(self) -> None:
        last, due = self._read_status()
        now = datetime.now(UTC)
        if due is not None and due < now:
            last = self._run(last, past_due=True)
        elif self._function.trigger.get("runOnStartup"):
            last = self._run(last, past_due=False)
        while not self._stopping.is_set():
            now = datetime.now(UTC)
            moment = next(occurrences(self._schedule, max(now, last or now)))
            if self._stopping.wait(max(0.0, (moment - now).total_seconds())):
                return
            self._run(last, past_due=False)
            last = moment

    def _run(self, last: datetime | None, *, past_due: bool) -> datetime:
        moment = datetime.now(UTC)
        following = next(occurrences(self._schedule, moment))
        state = {
            "Schedule": {"AdjustForDST": True},
            "ScheduleStatus": {"Last": _iso(last), "Next": _iso(following), "LastUpdated": _iso(last)},
            "IsPastDue": past_due,
        }
        inputs = {str(self._function.trigger["name"]): JsonInput(json.dumps(state))}
        self._invoker.run(self._function, f"timer {self._schedule}", inputs, {})
        if self._monitored:
            self._store(moment, following)
        return moment

    def _read_status(self) -> tuple[datetime | None, datetime | None]:
        """Read when the function ran last and should have run next."""
        if not self._monitored:
            return None, None
        try:
            document = json.loads(self._status.download_blob().readall())
            return datetime.fromisoformat(document["Last"]), datetime.fromisoformat(document["Next"])
        except ResourceNotFoundError:
            now = datetime.now(UTC)
            self._store(now, next(occurrences(self._schedule, now)))
        except (AzureError, ValueError, KeyError, TypeError) as error:
            log.warning("%s: last run unknown: %s", self._function.name, error)
        return None, None

    def _store(self, last: datetime, following: datetime) -> None:
        document = {"Last": last.isoformat(), "Next": following.isoformat(), "LastUpdated": last.isoformat()}
        try:
            self._status.upload_blob(json.dumps(document).encode(), overwrite=True)
        except AzureError as error:
            log.warning("%s: last run not stored: %s", self._function.name, str(error).splitlines()[0])


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
