"""History of a file that was corrected: what its wrong version left is no history for other files."""

from __future__ import annotations

import pytest
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobServiceClient

from functions.storage import accounts
from functions.storage.history_store import BlobSnapshotStore
from functions.storage.run_outputs import RunOutputs
from tests.functions.batch.app_here import AppHere
from tests.functions.conftest import Fleet
from tests.support.drives import read_csv, row, table
from tests.support.fault_proxy import Fault, FaultProxy, Request
from tests.support.running_app import RunningAzurite

DAYS = ("2085-03-01", "2085-03-08", "2085-03-15")
SIZES = {"whole": 3, "ranges": 500}
"""Drives of a file that is scored in one piece, and of one that is scored in ranges."""


def of_days(days: tuple[str, ...], drives: int = 3, *, worn: int = 9, serial: str = "S") -> bytes:
    """Write drives on some days."""
    return table(row(f"{serial}{number}", day, smart_5_raw=worn) for day in days for number in range(drives))


REFUSED = b"no,telemetry\n1,2\n"


def arrive(app_here: AppHere, name: str) -> None:
    """Deliver a file and what becomes of it."""
    if tasks := app_here.arrive(name).tasks:
        app_here.ranges(tasks)


def snapshots(service: BlobServiceClient, fleet: Fleet) -> set[str]:
    """Find the fleet's snapshots, ``<date>/<name>``."""
    names = service.get_container_client("history").list_blob_names(name_starts_with="2085-03-")
    found = (name.split("/") for name in names)
    return {f"{day}/{rest[-1].removesuffix('.arrow')}" for day, *rest in found if rest[0] == fleet.folder}


@pytest.mark.parametrize("kind", SIZES)
@pytest.mark.parametrize("kept", [DAYS[:2], DAYS[1:2], ("2085-03-20",)])
def test_dates_that_the_correction_lacks(
    app_here: AppHere, fleet: Fleet, kind: str, kept: tuple[str, ...]
) -> None:
    """Another file's snapshot of such a date stays, and is the only history then."""
    fleet.drop("other.csv", table([row("S1", DAYS[2], smart_5_raw=4)]))
    arrive(app_here, "other.csv")
    fleet.drop("q.csv", of_days(DAYS, SIZES[kind]))
    arrive(app_here, "q.csv")
    assert snapshots(app_here.service, fleet) == {f"{DAYS[2]}/other", *(f"{day}/q" for day in DAYS)}
    etag = fleet.drop("q.csv", of_days(kept, SIZES[kind], worn=1))
    arrive(app_here, "q.csv")
    fleet.summary("q", etag, 0, status="scored")
    assert snapshots(app_here.service, fleet) == {f"{DAYS[2]}/other", *(f"{day}/q" for day in kept)}


def test_a_refused_version(app_here: AppHere, fleet: Fleet) -> None:
    fleet.drop("q.csv", of_days(DAYS, serial="R"))
    arrive(app_here, "q.csv")
    etag = fleet.drop("q.csv", REFUSED)
    arrive(app_here, "q.csv")
    fleet.summary("q", etag, 0, status="failed")
    assert snapshots(app_here.service, fleet) == set()
    fleet.drop("later.csv", table([row("R1", "2085-03-22")]))
    arrive(app_here, "later.csv")
    assert read_csv(fleet.output("later.csv"))[0]["history_days"] == "0"


@pytest.mark.parametrize("newer", [of_days(("2085-03-29",)), REFUSED], ids=["scored", "refused"])
def test_one_date_stays_as_history(app_here: AppHere, fleet: Fleet, newer: bytes) -> None:
    """One file name for every day is no correction; a refused day is not one either."""
    for data in (of_days(DAYS[:1]), newer):
        fleet.drop("latest.csv", data)
        arrive(app_here, "latest.csv")
    assert f"{DAYS[0]}/latest" in snapshots(app_here.service, fleet)


def test_another_ending_is_another_file(app_here: AppHere, fleet: Fleet) -> None:
    fleet.drop("q.csv", of_days(DAYS))
    arrive(app_here, "q.csv")
    source = app_here.service.get_blob_client("telemetry", f"{fleet.folder}/q.csv")
    source.delete_blob()
    fleet.drop("q.csv.gz", REFUSED)
    arrive(app_here, "q.csv.gz")
    assert snapshots(app_here.service, fleet) == {f"{day}/q" for day in DAYS}


@pytest.mark.parametrize("step", [(RunOutputs, "publish"), (BlobSnapshotStore, "_publish")])
def test_replaced_while_it_is_scored(
    app_here: AppHere, fleet: Fleet, monkeypatch: pytest.MonkeyPatch, step: tuple[type, str]
) -> None:
    """Before its outputs, and at its last snapshot; the newer version has another date."""
    kind, name = step
    real, calls = getattr(kind, name), 0
    fleet.drop("q.csv", of_days(DAYS))

    def late(self: object, *arguments: object) -> object:
        nonlocal calls
        calls += 1
        if kind is RunOutputs or calls == len(DAYS):
            fleet.drop("q.csv", of_days(("2085-03-20",)))
        return real(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(kind, name, late)
        arrive(app_here, "q.csv")
    assert snapshots(app_here.service, fleet) == set()
    arrive(app_here, "q.csv")
    assert snapshots(app_here.service, fleet) == {"2085-03-20/q"}


@pytest.mark.parametrize("newer", [of_days(DAYS[:1], worn=1), REFUSED], ids=["scored", "refused"])
def test_whichever_request_fails(
    app_here: AppHere, fleet: Fleet, account: RunningAzurite, newer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next try ends as the first would have; so do two of them."""
    left = {f"{DAYS[0]}/q"} if newer != REFUSED else set()
    count, failed = 0, True
    while failed:
        service = app_here.service
        fleet.drop("q.csv", of_days(DAYS))
        arrive(app_here, "q.csv")
        etag = fleet.drop("q.csv", newer)
        seen, failed = 0, False

        def refuse(request: Request, number: int = count) -> Fault | None:
            nonlocal seen, failed
            changes = request.method in ("PUT", "DELETE")
            if not changes or request.container not in ("history", "predictions"):
                return None
            seen += 1
            failed = failed or seen > number
            # All from here on: as if the process had died.
            return "403" if seen > number else None

        with FaultProxy(account.at.blob, refuse) as proxy:
            monkeypatch.setenv("FaultyStorage", proxy.in_front_of(account.connection_string))
            with accounts.blob_service("FaultyStorage") as app_here.service:
                try:
                    arrive(app_here, "q.csv")
                except HttpResponseError:
                    assert failed
        accounts._clients.pop("FaultyStorage", None)
        app_here.service = service
        for _ in range(2):
            arrive(app_here, "q.csv")
        fleet.summary("q", etag, 0, status="failed" if newer == REFUSED else "scored")
        assert snapshots(app_here.service, fleet) == left, f"after {count} writes"
        count += 1
    assert count > 4
