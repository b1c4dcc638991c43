from __future__ import annotations

import polars as pl

from tests.training.drive_histories import fleet, history
from training.telemetry.fleet_counts import FleetCounts


def test_the_counts_of_parts_add_up_to_those_of_the_whole() -> None:
    whole = pl.concat([fleet(drives=5, days=10, failing=2), history("Z", 20, 30, fails_on={25, 30})])
    parts = whole.partition_by("serial_number")
    assert sum(map(FleetCounts.of, parts), FleetCounts()) == FleetCounts.of(whole)
    document = FleetCounts.of(whole).document()
    assert (document["drives"], document["failures"], document["failure_rows"]) == (6, 3, 4)
    assert (document["first_date"], document["last_date"]) == ("2020-01-01", "2020-01-31")


def test_nothing_counts_as_nothing() -> None:
    empty = history("A", 0, 3).clear()
    assert FleetCounts.of(empty) == FleetCounts() == FleetCounts() + FleetCounts()
    assert FleetCounts().document()["first_date"] is None
