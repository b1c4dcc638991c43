"""Files whose names leave no place for their outputs, and one that cannot be read."""

from __future__ import annotations

import pytest

from functions.storage.errors import SourceArchivedError, SourceNameTooLongError
from tests.functions.batch.app_here import AppHere
from tests.functions.conftest import Fleet
from tests.support.drives import row, table
from tests.support.undisturbed import Undisturbed

DATA = table([row("A", "2035-01-25"), "oops"])


@pytest.mark.parametrize("ending", [".rejects.csv", ".rejects.csv.gz"])
@pytest.mark.parametrize("first", [True, False])
def test_a_file_called_as_the_rejects_of_another(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed, ending: str, first: bool
) -> None:
    """It is refused for good, whichever comes first, and whether the other is still there."""
    etag = fleet.drop("a.csv", DATA)
    refused = fleet.drop(f"a{ending}", DATA)
    for name in [f"a{ending}", "a.csv"] if first else ["a.csv", f"a{ending}"]:
        app_here.arrive(name)
    told = fleet.summary("a.rejects", refused, 0)
    assert told["error"]["code"] == "bad_name"
    assert f"the rejected lines of {fleet.folder}/a.csv" in told["error"]["detail"]
    undisturbed.expect(fleet, "a", DATA, etag, 0)
    app_here.service.get_blob_client("telemetry", f"{fleet.folder}/a.csv").delete_blob()
    app_here.arrive(f"a{ending}")
    outputs = [f"a{end}" for end in (".csv", ".rejects.csv", ".rejects.summary.json", ".report.html")]
    assert fleet.outputs() == [*outputs, "a.summary.json"]


def test_a_name_without_room_for_its_outputs_goes_to_the_poison_queue(
    app_here: AppHere, fleet: Fleet
) -> None:
    """No summary can say so: its name would be too long as well, which Azurite does not mind."""
    name = "x" * (1008 - len(f"{fleet.folder}/")) + ".csv"
    fleet.drop(name, DATA)
    with pytest.raises(SourceNameTooLongError, match="1,008 characters without its ending"):
        app_here.arrive(name)
    assert fleet.outputs() == []
    fleet.drop(name[1:], DATA)
    app_here.arrive(name[1:])
    assert f"{name[1:-4]}.summary.json" in fleet.outputs()


def test_an_archived_file_says_how_it_comes_back(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed
) -> None:
    etag = fleet.drop("old.csv", DATA)
    blob = app_here.service.get_blob_client("telemetry", f"{fleet.folder}/old.csv")
    blob.set_standard_blob_tier("Archive")
    with pytest.raises(SourceArchivedError):
        app_here.arrive("old.csv")
    told = fleet.summary("old", etag, 0)
    assert told["error"]["code"] == "run_failed"
    assert "is in the archive tier" in told["error"]["detail"]
    assert "Rehydrate it" in told["error"]["detail"]
    blob.set_standard_blob_tier("Hot")
    app_here.arrive("old.csv")
    undisturbed.expect(fleet, "old", DATA, etag, 0)
