"""A history snapshot that cannot be read is no fault of the file that is joined with it."""

from __future__ import annotations

import pytest
from azure.storage.blob import BlobClient

from functions.batch.range_message import RangeMessage
from functions.errors import SnapshotError
from functions.scoring.history import day_cache
from functions.scoring.history.day_cache import DayCache
from tests.functions.batch.app_here import AppHere
from tests.functions.conftest import Fleet
from tests.support.drives import read_csv, row, table
from tests.support.undisturbed import Undisturbed


def damage(app_here: AppHere, fleet: Fleet, day: str) -> BlobClient:
    """Leave what is no snapshot."""
    blob = app_here.service.get_blob_client("history", f"{day}/{fleet.folder}/earlier.arrow")
    blob.upload_blob(b"junk")
    return blob


def test_of_a_file_in_one_piece(app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed) -> None:
    data = table([row("A", "2015-01-25")])
    damaged = damage(app_here, fleet, "2015-01-18")
    etag = fleet.drop("day.csv", data)
    for _ in range(2):
        with pytest.raises(SnapshotError, match=r"2015-01-18/.*/earlier\.arrow"):
            app_here.arrive("day.csv")
        error = fleet.summary("day", etag, 0, status="failed")["error"]
        assert error["code"] == "run_failed"
        assert "/earlier.arrow" in error["detail"]
    damaged.delete_blob()
    app_here.arrive("day.csv")
    undisturbed.expect(fleet, "day", data, etag, 0)


def test_ranges_are_joined_with_one_state_of_history(app_here: AppHere, fleet: Fleet) -> None:
    """A day is scored between two of them: it is history for all or for none."""
    data = table([row(f"S{number}", "2016-06-25") for number in range(800)])
    etag = fleet.drop("big.csv", data)
    tasks = app_here.arrive("big.csv").tasks
    app_here.range(tasks[0])
    fleet.drop("day.csv", table([row(f"S{number}", "2016-06-18") for number in range(800)]))
    app_here.ranges(app_here.arrive("day.csv").tasks)
    app_here.ranges(tasks[1:])
    assert fleet.summary("big", etag, 0, status="scored")["history"]["days_joined"] == []
    assert {line["history_days"] for line in read_csv(fleet.output("big.csv"))} == {"0"}


def test_a_day_scored_again_between_ranges_has_all_of_them_scored_again(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def day(sectors: int) -> bytes:
        return table([row(f"S{number}", "2017-06-18", smart_5_raw=sectors) for number in range(800)])

    def arrive(name: str) -> None:
        if found := app_here.arrive(name).tasks:
            app_here.ranges(found)

    undisturbed.expect_after(fleet, arrive, "day", day(1))
    data = table([row(f"S{number}", "2017-06-25", smart_5_raw=9) for number in range(800)])
    etag = fleet.drop("big.csv", data)
    tasks = app_here.arrive("big.csv").tasks
    app_here.range(tasks[0])
    undisturbed.expect_after(fleet, arrive, "day", day(2))
    # As by another worker, which has not read the day before.
    monkeypatch.setattr(day_cache, "CACHE", DayCache())
    app_here.ranges(tasks[1:])
    undisturbed.expect(fleet, "big", data, etag, 0)


def test_of_ranges(app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed) -> None:
    data = table([row(f"S{number}", "2015-06-25") for number in range(800)])
    damaged = damage(app_here, fleet, "2015-06-18")
    etag = fleet.drop("big.csv", data)
    tasks: list[RangeMessage] = app_here.arrive("big.csv").tasks
    for last_try in (False, True):
        with pytest.raises(SnapshotError):
            app_here.range(tasks[0], last_try=last_try)
    assert fleet.summary("big", etag, 0, status="failed")["error"]["code"] == "run_failed"
    damaged.delete_blob()
    app_here.ranges(tasks)
    undisturbed.expect(fleet, "big", data, etag, 0)
