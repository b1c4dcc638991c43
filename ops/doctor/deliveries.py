"""Recent deliveries of Event Grid, and those it gave up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ops.ages import in_words
from ops.app.target import Target
from ops.doctor.check import Finding, does_not_apply, failure, ok
from ops.doctor.event_grid import WATCHES_ITSELF, find_topic
from ops.doctor.storage import DEAD_LETTER
from ops.outputs import telemetry_files

MATCHED, DELIVERED, FAILED = "MatchedEventCount", "DeliverySuccessCount", "DeliveryAttemptFailCount"
"""Metrics of a system topic; https://learn.microsoft.com/azure/event-grid/monitor-push-reference."""

WINDOW = timedelta(days=1)
LATENCY = timedelta(minutes=15)
"""How long metrics may take to show."""


def check_last_event(target: Target) -> Finding:
    """Look at the topic's metrics of the last day."""
    if not target.in_azure:
        return does_not_apply(WATCHES_ITSELF)
    answer = target.cli.ask(
        *("monitor", "metrics", "list", "--resource", str(find_topic(target)["id"])),
        *("--metrics", MATCHED, DELIVERED, FAILED),
        *("--aggregation", "Total", "--interval", "1h", "--offset", "1d"),
    )
    newest = telemetry_files.newest(target.blobs, 1)
    now = datetime.now(UTC)
    expected = bool(newest) and LATENCY < now - newest[0].uploaded < WINDOW
    return judge(last_hours(answer.get("value") or []), now, expected=expected)


def last_hours(metrics: Iterable[Mapping[str, Any]]) -> dict[str, datetime]:
    """Return the last hour, UTC, in which each metric counted something, by name.

    *metrics* are the ``value`` of Azure Monitor's answer.
    """
    found: dict[str, datetime] = {}
    for metric in metrics:
        hours = [
            datetime.fromisoformat(point["timeStamp"]).replace(tzinfo=UTC)
            for series in metric.get("timeseries") or []
            for point in series.get("data") or []
            if point.get("total")
        ]
        if hours:
            found[str(metric["name"]["value"])] = max(hours)
    return found


def judge(hours: Mapping[str, datetime], now: datetime, *, expected: bool) -> Finding:
    """Say whether events arrive.

    *hours* are of `last_hours`; *expected* says whether a file was uploaded within the window, so that there
    must have been an event.
    """
    delivered, refused = hours.get(DELIVERED), hours.get(FAILED)
    if refused and (delivered is None or refused > delivered):
        return failure(
            f"deliveries failed last {in_words(now - refused)} ago, after the last success",
            "see the checks webhook and subscription; Event Grid retries for a day, then dead-letters",
        )
    if expected and MATCHED not in hours:
        return failure(
            "a file was uploaded within the last day, but the subscription matched no event",
            "look at the subscription's filter, and whether the upload went to this account",
        )
    if delivered is None:
        return ok("no event within a day, and no file that should have made one")
    return ok(f"last delivery in the hour that began {in_words(now - delivered)} ago")


def check_dead_letter(target: Target) -> Finding:
    """Count the events that were given up."""
    if not target.in_azure:
        return does_not_apply(WATCHES_ITSELF)
    found = sum(1 for _ in target.blobs.get_container_client(DEAD_LETTER).list_blob_names())
    if found:
        return failure(
            f"undelivered events in the container: 1 or more in each of {found} blobs",
            f"read the newest one's lastDeliveryOutcome in the container {DEAD_LETTER}, mend that link, "
            "upload the files they name again, then delete the blobs",
        )
    return ok("empty")
