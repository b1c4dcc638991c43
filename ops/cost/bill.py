"""The formula: what a fleet uses in a month, and what that costs."""

from __future__ import annotations

import math
from dataclasses import dataclass

from functions.batch.plan import STEP_BYTES
from functions.settings import RANGE_BYTES
from ops.cost import prices

SECONDS_PER_MILLION_ROWS = 10.0
"""CPU seconds on one core, history joined and written, rounded up: docs/performance.md, Batch speed, has
1.75 s for 298,320 rows, which is 5.9."""

INSTANCE_GB = 2.0
"""`scale.instanceMemoryMB` of infra/main.bicep; such an instance has one core."""

LEAST_SECONDS = 1.0
"""An execution is billed for at least that; https://azure.microsoft.com/pricing/details/functions/."""

ROW_BYTES = 390
"""A row of telemetry in the published schema of 2025: docs/performance.md, 116 MB for 300,000."""

SCORED_ROW_BYTES, SNAPSHOT_ROW_BYTES = 75, 37
"""Bytes written for a row: docs/operations.md, Sizing and cost."""

HISTORY_DAYS = 60
"""`retention.historyDays` of infra/main.bicep."""

FILE_WRITES, RANGE_WRITES = 30, 7
"""Operations on storage that a file and each of its ranges cost, receipts and leases of the host included:
docs/operations.md counts 20 for completing a file; assumption for the host's own."""

FILE_READS, RANGE_READS = 100, 10
"""Look-ups and downloads; as above."""

IDLE_WRITES, IDLE_READS = 20_000, 300_000
"""Operations of host and scale controller in a month when nothing happens: assumption, a look at three
queues every 30 seconds and a lease every few minutes."""

LOOKS, LOOK_WRITES, LOOK_READS = 2_880, 5, 2
"""A month, each an execution: every quarter of an hour `revive_runs` lists the progress of runs. The writes
but one are the host's own, lock and status of a timer: assumption."""

IDLE_LOG_GB, LOG_BYTES_PER_WRITE = 0.5, 2_000
"""Platform metrics of a month, and a storage log record for each write: assumption."""

FREQUENT_ALERTS, ALERTS, METRIC_ALERTS = 2, 4, 2
"""infra/modules/alerts.bicep and infra/eventgrid.bicep."""


@dataclass(frozen=True)
class BilledFleet:
    """Files and requests of a month.

    Parameters
    ----------
    drives : int
        Rows of a file.
    files, requests : int
        A month.
    kept_months : int
        Months of such files that are kept, this one included; telemetry and predictions are never deleted by
        themselves.
    """

    name: str
    drives: int
    files: int = 30
    requests: int = 0
    kept_months: int = 1


@dataclass(frozen=True)
class Bill:
    """US dollars of one month.

    Parameters
    ----------
    scoring, storage, events, logs, alerts : float
        Functions; operations and what is kept; Event Grid; logs taken in; alert rules.
    """

    scoring: float
    storage: float
    events: float
    logs: float
    alerts: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.scoring + self.storage + self.events + self.logs + self.alerts


def bill(fleet: BilledFleet) -> Bill:
    """Return a fleet's costs in a month, if nothing else in the subscription uses the free grants."""
    size = fleet.drives * ROW_BYTES
    range_bytes = int(RANGE_BYTES.default)
    ranges = math.ceil(size / range_bytes) if size > range_bytes else 0
    # Executions that plan ranges, some each.
    steps = math.ceil(ranges / (STEP_BYTES // range_bytes))
    pieces = max(1, ranges)
    seconds = pieces * max(LEAST_SECONDS, fleet.drives / 1e6 * SECONDS_PER_MILLION_ROWS / pieces)
    executions = LOOKS + fleet.files * (pieces + steps) + fleet.requests
    least = fleet.files * steps + LOOKS + fleet.requests
    gb_seconds = INSTANCE_GB * (fleet.files * seconds + least * LEAST_SECONDS)
    writes = IDLE_WRITES + LOOKS * LOOK_WRITES + fleet.files * (FILE_WRITES + RANGE_WRITES * ranges)
    reads = IDLE_READS + LOOKS * LOOK_READS + fleet.files * (FILE_READS + RANGE_READS * ranges)
    rows = fleet.drives * fleet.files
    snapshots = fleet.drives * min(fleet.files * fleet.kept_months, HISTORY_DAYS) * SNAPSHOT_ROW_BYTES
    kept = rows * fleet.kept_months * (ROW_BYTES + SCORED_ROW_BYTES) + snapshots
    # Every blob written is an event, whether or not anybody wants it; one of a file is matched and delivered.
    events = writes + 2 * fleet.files
    return Bill(
        scoring=prices.EXECUTION_TIME.of(gb_seconds) + prices.EXECUTIONS.of(executions),
        storage=prices.WRITES.of(writes) + prices.READS.of(reads) + prices.KEPT.of(kept / 1e9),
        events=prices.EVENTS.of(events),
        logs=prices.LOGGED.of(IDLE_LOG_GB + writes * LOG_BYTES_PER_WRITE / 1e9),
        alerts=prices.FREQUENT_ALERT.of(FREQUENT_ALERTS)
        + prices.ALERT.of(ALERTS)
        + prices.METRIC_ALERT.of(METRIC_ALERTS),
    )


EXAMPLES = (
    BilledFleet("home server: 12 drives, a file and 12 requests a day", 12, requests=360),
    BilledFleet("the same, after five years", 12, requests=360, kept_months=60),
    BilledFleet("1,000 drives, a file a day", 1_000),
    BilledFleet("330,000 drives, a file a day", 330_000),
    BilledFleet("the same, after a year", 330_000, kept_months=12),
    BilledFleet("a quarter at once: 90 files of 330,000 drives", 330_000, files=90),
)
"""Worked examples of docs/cost.md."""


def examples_table(fleets: tuple[BilledFleet, ...] = EXAMPLES) -> str:
    """Return the bills of some fleets as a Markdown table."""
    rows = ["| A month of | scoring | storage | events | logs | alerts | together |"]
    rows.append("| --- " + "| ---: " * 6 + "|")
    for fleet in fleets:
        found = bill(fleet)
        parts = (found.scoring, found.storage, found.events, found.logs, found.alerts)
        cells = " | ".join(f"{part:.2f}" for part in parts)
        rows.append(f"| {fleet.name} | {cells} | **{found.total:.2f}** |")
    return "\n".join(rows)
