"""A container that somebody deletes while the app runs: it is made again, and the file is scored."""

from __future__ import annotations

import pytest
from azure.core.exceptions import ResourceNotFoundError

from tests.functions.batch.app_here import AppHere
from tests.functions.conftest import Fleet
from tests.support.drives import row, table
from tests.support.undisturbed import Undisturbed

DATA = table([row("A", "2033-01-25")])
BIG = table([row(f"S{number}", "2033-06-25") for number in range(1_200)])


def test_history_is_gone(app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed) -> None:
    fleet.drop("before.csv", DATA)
    app_here.arrive("before.csv")
    app_here.service.delete_container("history")
    etag = fleet.drop("day.csv", DATA)
    with pytest.raises(ResourceNotFoundError, match="ContainerNotFound"):
        app_here.arrive("day.csv")
    assert fleet.summary("day", etag, 0, status="failed")["error"]["code"] == "run_failed"
    app_here.arrive("day.csv")
    undisturbed.expect(fleet, "day", DATA, etag, 0)


@pytest.mark.parametrize("container", ["predictions", "runs", "history"])
def test_one_is_gone_while_ranges_are_scored(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed, container: str
) -> None:
    """With what ranges had left in it."""
    etag = fleet.drop("big.csv", BIG)
    tasks = app_here.arrive("big.csv").tasks
    app_here.ranges(tasks[:-1])
    app_here.service.delete_container(container)
    found = app_here.range(tasks[-1])
    assert [task.index for task in found.tasks] == [task.index for task in tasks]
    assert " v2 " in app_here.ranges(found.tasks).message or container == "runs"
    assert "1200 scored, 0 rejected" in app_here.messages
    undisturbed.expect(fleet, "big", BIG, etag, 0)
