"""A client that holds a lease on an output: nothing of two versions side by side, and no long wait."""

from __future__ import annotations

import re

import pytest

from functions.storage.errors import OutputLeasedError
from tests.functions.batch.app_here import AppHere
from tests.functions.conftest import Fleet
from tests.support.drives import row, table
from tests.support.undisturbed import Undisturbed

DAY = "2064-01-25"
OLD = table([row("OLD", DAY)])


@pytest.mark.parametrize("ending", [".csv", ".rejects.csv", ".report.html", ".summary.json"])
@pytest.mark.parametrize("rows", [3, 700])
def test_a_lease_on_an_output_of_the_version_before(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed, ending: str, rows: int
) -> None:
    """In one piece and in ranges: the old outputs stay together, and the new come when the lease is gone."""
    fleet.drop("day.csv", OLD)
    app_here.arrive("day.csv")
    before = {name: fleet.output(name) for name in fleet.outputs()}
    snapshot = app_here.service.get_blob_client("history", f"{DAY}/{fleet.folder}/day.arrow")
    history = snapshot.download_blob().readall()
    new = table([*(row(f"S{number}", DAY) for number in range(rows)), "oops"])
    blob = app_here.service.get_blob_client("predictions", f"{fleet.folder}/day{ending}")
    newer = fleet.drop("day.csv", new)
    lease = blob.acquire_lease()
    with pytest.raises(OutputLeasedError, match=re.escape(f"/day{ending}: ")):
        app_here.ranges(app_here.arrive("day.csv").tasks)
    assert {name: fleet.output(name) for name in before} == before
    assert snapshot.download_blob().readall() == history
    lease.release()
    app_here.ranges(app_here.arrive("day.csv").tasks)
    undisturbed.expect(fleet, "day", new, newer, 0)
