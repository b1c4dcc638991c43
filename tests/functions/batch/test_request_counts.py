"""What a file costs that is hardly there: requests to the storage service, counted on the wire."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from functions.storage import accounts
from functions.storage.range_store import TO_REPEAT
from tests.functions.batch.app_here import AppHere
from tests.functions.conftest import Fleet
from tests.support.drives import read_csv, row, table
from tests.support.fault_proxy import FaultProxy, Request
from tests.support.running_app import RunningAzurite

CONTAINERS = 3
"""Looked for, once in a process."""

ONE_ROW = 12
"""Requests of a file of one row without history: 2 look-ups at the beginning, 1 to read it, listings of the 2
months of history that a file of the end of January looks at, a look-up and a write of the snapshot, a look-up
and 4 writes of outputs."""

LISTS = 3
"""Of a file with a week of history: 2 months, and the day that there is."""

REPLACED = 31
"""Of one that replaces another: each output is looked at before the work, before history is replaced and
before it is written itself, and the source again."""

DAY = "2026-01-25"
WEEK, WEEK_LATER = "2031-01-20", "2031-01-27"
FILES = 25


class Wire:
    """Requests as they come, in words."""

    def __init__(self) -> None:
        self.requests: list[str] = []

    def __call__(self, request: Request) -> None:
        """Note a request; it is passed on."""
        self.requests.append(
            f"{request.method} {request.container}/{request.blob} {request.query}".replace("//", "/")
        )

    def take(self) -> list[str]:
        """Return what came since it was asked last."""
        taken, self.requests = self.requests, []
        return taken


@pytest.fixture
def wire(app_here: AppHere, account: RunningAzurite, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """What the app says to the service."""
    found = Wire()
    with FaultProxy(account.at.blob, found) as proxy:
        monkeypatch.setenv("CountedStorage", proxy.in_front_of(account.connection_string))
        with accounts.blob_service("CountedStorage") as app_here.service:
            yield found
    accounts._clients.pop("CountedStorage")


def one_row(serial: str, day: str, **raw: int) -> bytes:
    """Write a file of one drive."""
    return table([row(serial, day, "ST4000DM000", **raw)])


def at_most(requests: list[str], limit: int) -> None:
    """Hold a number of requests against a limit, and say which they were."""
    told = "\n".join(requests)
    assert len(requests) <= limit, f"{len(requests)} requests, {limit} at most:\n{told}"


def test_of_a_file_of_one_row(app_here: AppHere, fleet: Fleet, wire: Wire) -> None:
    for name in ("first", "second"):
        fleet.drop(f"{name}.csv", one_row(name, DAY))
    app_here.arrive("first.csv")
    at_most(wire.take(), ONE_ROW + CONTAINERS)
    app_here.arrive("second.csv")
    requests = wire.take()
    at_most(requests, ONE_ROW)
    writes = sorted(request.split()[1] for request in requests if request.startswith("PUT"))
    folder = fleet.folder
    outputs = [f"predictions/{folder}/second{end}" for end in (".csv", ".rejects.csv", ".report.html")]
    assert writes == [
        f"history/{DAY}/{folder}/second.arrow",
        *outputs,
        f"predictions/{folder}/second.summary.json",
    ], "each output is written once"
    assert not [request for request in requests if "runs/" in request], "nothing is assembled elsewhere"


def test_of_a_file_that_replaces_another(app_here: AppHere, fleet: Fleet, wire: Wire) -> None:
    fleet.drop("day.csv", one_row("A", DAY))
    app_here.arrive("day.csv")
    etag = fleet.drop("day.csv", one_row("B", DAY))
    wire.take()
    app_here.arrive("day.csv")
    at_most(wire.take(), REPLACED)
    fleet.summary("day", etag, 0)
    app_here.arrive("day.csv")
    at_most(wire.take(), 2)


def test_of_a_day_of_small_files_after_another(app_here: AppHere, fleet: Fleet, wire: Wire) -> None:
    """A worker reads every snapshot once, not once for every file of the later day."""
    serials = [f"S{number:02d}" for number in range(FILES)]
    for serial in serials:
        fleet.drop(f"{WEEK}-{serial}.csv", one_row(serial, WEEK))
        fleet.drop(f"{WEEK_LATER}-{serial}.csv", one_row(serial, WEEK_LATER, smart_5_raw=9))
    for serial in serials:
        app_here.arrive(f"{WEEK}-{serial}.csv")
    wire.take()
    for serial in serials:
        app_here.arrive(f"{WEEK_LATER}-{serial}.csv")
    requests = wire.take()
    reads = sorted(request for request in requests if request.startswith("GET history/20"))
    assert [read.strip() for read in reads] == [
        f"GET history/{WEEK}/{fleet.folder}/{WEEK}-{serial}.arrow" for serial in serials
    ]
    lists = [request for request in requests if "comp=list" in request]
    at_most(lists, FILES * LISTS)
    at_most(requests, FILES * (ONE_ROW + 1) + FILES)
    for serial in serials:
        (line,) = read_csv(fleet.output(f"{WEEK_LATER}-{serial}.csv"))
        assert (line["serial_number"], line["history_days"]) == (serial, "7")


def test_ranges_before_the_last_do_not_ask_which_are_repeated(
    app_here: AppHere, fleet: Fleet, wire: Wire
) -> None:
    fleet.drop("big.csv", table([row(f"S{number}", DAY) for number in range(800)]))
    tasks = app_here.arrive("big.csv").tasks
    wire.take()
    asked = []
    for task in tasks:
        app_here.range(task)
        asked.append(any(TO_REPEAT in request for request in wire.take()))
    assert asked == [False] * (len(tasks) - 1) + [True]
    assert len(tasks) > 2
