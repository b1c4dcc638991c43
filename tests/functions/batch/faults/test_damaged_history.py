"""A history snapshot that cannot be read is no fault of the file that is joined with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest
from azure.storage.blob import BlobClient

from functions.batch import run_models
from functions.batch.range_message import RangeMessage
from functions.errors import SnapshotError
from functions.scoring.history import day_cache
from functions.scoring.history.day_cache import DayCache
from functions.storage.history_store import BlobSnapshotStore
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


@pytest.mark.parametrize(
    ("months", "before"),
    [(("2043-06", "2043-06"), 0), (("2044-06", "2044-06"), 1), (("2045-06", "2045-09"), 1)],
    ids=["planned", "a date", "two dates"],
)
def test_ranges_are_joined_with_one_state_of_history(
    app_here: AppHere, fleet: Fleet, months: tuple[str, str], before: int
) -> None:
    """Days scored after the file was planned are history for none of them, of no date of the file."""

    def of_day(day: int) -> bytes:
        dates = [f"{month}-{day}" for month in months for _ in range(400)]
        return table([row(f"S{number}", date) for number, date in enumerate(dates)])

    etag = fleet.drop("big.csv", of_day(25))
    tasks = app_here.arrive("big.csv").tasks
    for task in tasks[:before]:
        app_here.range(task)
    fleet.drop("day.csv", of_day(18))
    app_here.ranges(app_here.arrive("day.csv").tasks)
    app_here.ranges(tasks[before:])
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


def test_a_day_scored_again_while_a_file_in_one_piece_is_joined(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newer one counts, and is not kept as the listed one: ranges that settled on that would find it."""

    def day(sectors: int) -> bytes:
        return table([row("A", "2017-09-18", smart_5_raw=sectors)])

    def arrive(name: str) -> None:
        app_here.arrive(name)

    undisturbed.expect_after(fleet, arrive, "day", day(1))
    cache, before = DayCache(), dict[str, str]()
    monkeypatch.setattr(day_cache, "CACHE", cache)
    listed = BlobSnapshotStore.versions

    def listed_then_replaced(store: BlobSnapshotStore, date: dt.date) -> Mapping[str, str]:
        found = listed(store, date)
        if found and not before:
            before.update(found)
            undisturbed.expect_after(fleet, arrive, "day", day(2))
        return found

    monkeypatch.setattr(BlobSnapshotStore, "versions", listed_then_replaced)
    data = table([row("A", "2017-09-25", smart_5_raw=9)])
    etag = fleet.drop("week.csv", data)
    app_here.arrive("week.csv")
    assert before
    undisturbed.expect(fleet, "week", data, etag, 0)
    assert not cache.has(before, run_models.current().champion.attributes)


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
