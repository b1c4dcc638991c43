"""A history snapshot that cannot be read is no fault of the file that is joined with it."""

from __future__ import annotations

import pytest
from azure.storage.blob import BlobClient

from functions.batch.range_message import RangeTask
from functions.errors import SnapshotError
from tests.functions.batch.app_here import AppHere
from tests.functions.conftest import Fleet
from tests.support.drives import row, table
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
        with pytest.raises(SnapshotError, match=r"2015-01-18/.*/earlier\.arrow is damaged"):
            app_here.arrive("day.csv")
        error = fleet.summary("day", etag, 0, status="failed")["error"]
        assert error["code"] == "run_failed"
        assert "Delete it, or score that day's telemetry again. It is tried again" in error["detail"]
    damaged.delete_blob()
    app_here.arrive("day.csv")
    undisturbed.expect(fleet, "day", data, etag, 0)


def test_of_ranges(app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed) -> None:
    data = table([row(f"S{number}", "2015-06-25") for number in range(800)])
    damaged = damage(app_here, fleet, "2015-06-18")
    etag = fleet.drop("big.csv", data)
    tasks: list[RangeTask] = app_here.arrive("big.csv").tasks
    for last_try in (False, True):
        with pytest.raises(SnapshotError):
            app_here.range(tasks[0], last_try=last_try)
    assert fleet.summary("big", etag, 0, status="failed")["error"]["code"] == "run_failed"
    damaged.delete_blob()
    app_here.ranges(tasks)
    undisturbed.expect(fleet, "big", data, etag, 0)
