"""A container that somebody deletes while the app runs: a try fails, the next one makes it again."""

from __future__ import annotations

import pytest
from azure.core.exceptions import ResourceNotFoundError

from tests.functions.batching.app_here import AppHere
from tests.functions.conftest import Fleet
from tests.support.drives import row, table
from tests.support.undisturbed import Undisturbed

DATA = table([row("A", "2033-01-25")])


def test_history_is_gone(app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed) -> None:
    fleet.drop("before.csv", DATA)
    app_here.arrive("before.csv")
    app_here.service.delete_container("history")
    etag = fleet.drop("day.csv", DATA)
    with pytest.raises(ResourceNotFoundError, match="container does not exist"):
        app_here.arrive("day.csv")
    assert "tried again" in fleet.summary("day", etag, 0, status="failed")["error"]["detail"]
    app_here.arrive("day.csv")
    undisturbed.expect(fleet, "day", DATA, etag, 0)
