"""How many tries of a file died is told from the marks they left."""

from __future__ import annotations

import dataclasses
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.core.exceptions import ServiceRequestError
from azure.storage.blob import BlobClient

from functions.batch import attempts, dispatch
from functions.batch.attempts import LATE, MARKS, SMALL_BYTES, YOUNG_SECONDS, marked_try
from functions.storage.pinned_blob import PinnedBlob
from tests.functions.batch.app_here import AppHere
from tests.functions.conftest import Fleet
from tests.support.drives import row, table
from tests.support.running_app import RunningAzurite
from tests.support.undisturbed import Undisturbed

DATA = table([row("A", "2014-01-25")])


@pytest.fixture
def source(account: RunningAzurite, fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> PinnedBlob:
    """A file that was uploaded a while ago, found by a process that has just begun."""
    monkeypatch.setattr(attempts, "_first_file", time.monotonic())
    fleet.drop("day.csv", DATA)
    found = PinnedBlob.open(account.blobs.get_blob_client("telemetry", f"{fleet.folder}/day.csv"))
    return dataclasses.replace(found, last_modified=datetime.now(UTC) - LATE)


def marks(account: RunningAzurite, fleet: Fleet) -> list[str]:
    names = account.blobs.get_container_client("runs").list_blob_names(name_starts_with=f"{fleet.folder}/")
    return [str(name).rpartition("/")[2] for name in names]


def test_a_try_is_marked_as_long_as_it_runs(
    account: RunningAzurite, fleet: Fleet, source: PinnedBlob
) -> None:
    with marked_try(account.blobs, source) as others:
        assert (others, marks(account, fleet)) == (0, ["try-1"])
    assert marks(account, fleet) == []


def test_a_try_that_raises_has_not_died(account: RunningAzurite, fleet: Fleet, source: PinnedBlob) -> None:
    with pytest.raises(ZeroDivisionError), marked_try(account.blobs, source):
        raise ZeroDivisionError
    assert marks(account, fleet) == []


def test_marks_of_the_dead_are_counted(account: RunningAzurite, fleet: Fleet, source: PinnedBlob) -> None:
    for number in range(MARKS):
        assert attempts._leave_mark(account.blobs, source)[0] == number
    with marked_try(account.blobs, source) as others:
        assert others == MARKS
    assert len(marks(account, fleet)) == MARKS


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("age", "size", "name", "young", "marked"),
    [
        (timedelta(0), SMALL_BYTES, "day.csv.gz", True, False),
        (LATE, SMALL_BYTES, "day.csv", False, True),
        (LATE, 1, "day.csv.GZ", False, True),
        (HOUR, SMALL_BYTES - 1, "day.csv", False, False),
        (LATE, 1, "day.csv", True, True),
    ],
)
def test_what_costs_a_request(
    account: RunningAzurite,
    source: PinnedBlob,
    monkeypatch: pytest.MonkeyPatch,
    age: timedelta,
    size: int,
    name: str,
    young: bool,
    marked: bool,
) -> None:
    """A file that has just arrived does not, nor does a small one that waited for a process long at work."""
    monkeypatch.setattr(attempts, "_first_file", time.monotonic() - (0 if young else YOUNG_SECONDS))
    suspect = dataclasses.replace(source, last_modified=datetime.now(UTC) - age, size=size, name=name)
    monkeypatch.setattr(attempts, "_leave_mark", lambda *_: (4, None))
    with marked_try(account.blobs, suspect) as others:
        assert others == (4 if marked else 0)


def test_a_try_that_cannot_be_marked_is_run_all_the_same(
    account: RunningAzurite, source: PinnedBlob, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise ServiceRequestError("away")

    monkeypatch.setattr(BlobClient, "upload_blob", away)
    with marked_try(account.blobs, source) as others:
        assert others == 0


def test_after_a_dead_try_the_next_one_says_failed_first(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it says is replaced by the result; once there is one, marks change nothing any more."""
    etag = fleet.drop("day.csv", DATA)
    monkeypatch.setattr(attempts, "LATE", timedelta(0))
    monkeypatch.setattr(attempts, "_first_file", time.monotonic())
    blob = app_here.service.get_blob_client("telemetry", f"{fleet.folder}/day.csv")
    attempts._leave_mark(app_here.service, PinnedBlob.open(blob))
    seen = []
    score = getattr(dispatch, "score_whole")  # noqa: B009 - not the module's own

    def look(*arguments: Any) -> Any:
        seen.append(fleet.summary("day", etag, 0))
        return score(*arguments)

    monkeypatch.setattr(dispatch, "score_whole", look)
    app_here.arrive("day.csv")
    assert [told["status"] for told in seen] == ["failed"]
    assert seen[0]["error"]["code"] == "run_failed"
    assert seen[0]["error"]["detail"].startswith("An earlier try of this file ended without a word; another")
    undisturbed.expect(fleet, "day", DATA, etag, 0)
