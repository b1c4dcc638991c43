"""A client that holds a lease on an output: nothing of two versions side by side, and no long wait."""

from __future__ import annotations

import re
from typing import Any

import pytest

from functions.batch import dispatch
from functions.batch.score_file import score_whole
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


@pytest.mark.parametrize("taken", ["before, and the summary is gone", "while the file is scored"])
def test_history_stays_whenever_the_lease_was_taken(
    app_here: AppHere,
    fleet: Fleet,
    undisturbed: Undisturbed,
    monkeypatch: pytest.MonkeyPatch,
    taken: str,
) -> None:
    fleet.drop("day.csv", OLD)
    app_here.arrive("day.csv")
    snapshot = app_here.service.get_blob_client("history", f"{DAY}/{fleet.folder}/day.arrow")
    history = snapshot.download_blob().readall()
    output = app_here.service.get_blob_client("predictions", f"{fleet.folder}/day.csv")
    new = table([row("NEW", DAY)])
    newer = fleet.drop("day.csv", new)
    if taken.startswith("before"):
        app_here.service.get_blob_client("predictions", f"{fleet.folder}/day.summary.json").delete_blob()
        lease = output.acquire_lease()
        with pytest.raises(OutputLeasedError):
            app_here.arrive("day.csv")
    else:
        leases = []

        def score(*arguments: Any) -> str:
            leases.append(output.acquire_lease())
            return score_whole(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(dispatch, "score_whole", score)
            with pytest.raises(OutputLeasedError):
                app_here.arrive("day.csv")
        (lease,) = leases
    assert snapshot.download_blob().readall() == history
    lease.release()
    app_here.arrive("day.csv")
    undisturbed.expect(fleet, "day", new, newer, 0)
