"""What is told of a run's progress never goes back, whoever tells it and however late."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.core.exceptions import ResourceModifiedError
from azure.storage.blob import BlobClient

from functions.batch.progress import ATTEMPTS, Progress, drop_progress, write_progress
from functions.storage.pinned_blob import PinnedBlob
from tests.functions.batch.app_here import AppHere
from tests.functions.conftest import Fleet
from tests.support.drives import WORN, row, table
from tests.support.running_app import RunningAzurite

NOW = datetime.now(UTC)
BEFORE = NOW - timedelta(minutes=1)


@pytest.fixture
def source(account: RunningAzurite, fleet: Fleet) -> PinnedBlob:
    """A file that no app takes, as it is no CSV."""
    fleet.drop("day.txt", bytes(100))
    return PinnedBlob.open(account.blobs.get_blob_client("telemetry", f"{fleet.folder}/day.txt"))


def told(fleet: Fleet, name: str = "day.txt") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(fleet.output(f"{name}.progress.json"))
    return found


def tell(account: RunningAzurite, source: PinnedBlob, done: int, started: datetime = NOW) -> None:
    write_progress(account.blobs, source, Progress.of_ranges(done, 10, source.size, done, started))


def test_less_is_not_written(account: RunningAzurite, fleet: Fleet, source: PinnedBlob) -> None:
    for done, seen in ((3, 3), (5, 5), (4, 5), (10, 10), (9, 10)):
        tell(account, source, done)
        assert told(fleet)["ranges_done"] == seen


def test_a_run_that_began_later_begins_anew(
    account: RunningAzurite, fleet: Fleet, source: PinnedBlob
) -> None:
    """The earlier one may still tell more; both do the same work."""
    tell(account, source, 7, BEFORE)
    tell(account, source, 1, NOW)
    assert told(fleet)["ranges_done"] == 1
    tell(account, source, 0, BEFORE)
    assert told(fleet)["ranges_done"] == 1
    tell(account, source, 10, BEFORE)
    assert told(fleet)["ranges_done"] == 10


def test_a_new_version_of_the_file_begins_anew(
    account: RunningAzurite, fleet: Fleet, source: PinnedBlob
) -> None:
    tell(account, source, 7)
    fleet.drop("day.txt", bytes(100))
    tell(account, PinnedBlob.open(source.client), 1, BEFORE)
    assert told(fleet)["ranges_done"] == 1


@pytest.mark.parametrize("metadata", [{}, {"source_etag": "{etag}", "run_started": "x", "bytes_done": "9"}])
def test_what_somebody_put_there_by_hand_is_replaced(
    account: RunningAzurite, fleet: Fleet, source: PinnedBlob, metadata: dict[str, str]
) -> None:
    blob = account.blobs.get_blob_client("predictions", f"{fleet.folder}/day.txt.progress.json")
    blob.upload_blob(b"?", metadata={key: value.format(etag=source.etag) for key, value in metadata.items()})
    tell(account, source, 1)
    assert told(fleet)["ranges_done"] == 1


def test_many_at_once_end_with_the_most(account: RunningAzurite, fleet: Fleet, source: PinnedBlob) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda done: tell(account, source, done), [1, 10, 4, 2]))
    assert told(fleet)["ranges_done"] == 10


def test_who_always_comes_too_late_gives_up(
    account: RunningAzurite, source: PinnedBlob, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(account, source, 1)
    tries = []

    def overtaken(blob: BlobClient, *_: object, **__: object) -> None:
        tries.append(blob)
        raise ResourceModifiedError("overtaken")

    monkeypatch.setattr(BlobClient, "upload_blob", overtaken)
    tell(account, source, 2)
    assert len(tries) == ATTEMPTS


def test_a_late_message_of_a_file_in_ranges(
    app_here: AppHere, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Drives that are there twice have ranges scored again: the bar stands still meanwhile."""
    day = "2013-01-25"
    rows = [row(f"S{number}", day) for number in range(1_000)]
    fleet.drop("big.csv", table([*rows, *(row(f"S{number}", day, **WORN) for number in range(5, 300, 50))]))
    tasks = app_here.arrive("big.csv").tasks
    seen = []
    queue = [*tasks, tasks[0]]
    while queue:
        queue += app_here.range(queue.pop(0)).tasks
        seen.append(told(fleet, "big")["bytes_done"])
    assert len(seen) > len(tasks) + 1, "some ranges are scored again"
    assert seen == sorted(seen)
    assert seen[-1] == tasks[0].size


def test_the_run_of_a_replaced_version_leaves_that_of_the_new_one(
    account: RunningAzurite, fleet: Fleet, source: PinnedBlob
) -> None:
    etag = fleet.drop("day.txt", bytes(100))
    tell(account, PinnedBlob.open(source.client), 1)
    tell(account, source, 5, NOW + timedelta(minutes=1))
    assert (told(fleet)["source_etag"], told(fleet)["ranges_done"]) == (etag, 1)


def test_the_run_of_a_replaced_version_takes_its_own_back(
    account: RunningAzurite, fleet: Fleet, source: PinnedBlob
) -> None:
    tell(account, source, 3)
    fleet.drop("day.txt", bytes(100))
    tell(account, source, 5)
    assert fleet.outputs() == []


def test_dropped_while_it_is_written(
    account: RunningAzurite, fleet: Fleet, source: PinnedBlob, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(account, source, 3)
    delete = BlobClient.delete_blob

    def late(blob: BlobClient, **condition: Any) -> None:
        monkeypatch.setattr(BlobClient, "delete_blob", delete)
        tell(account, source, 4)
        delete(blob, **condition)

    monkeypatch.setattr(BlobClient, "delete_blob", late)
    drop_progress(account.blobs, source.name, source.etag)
    assert fleet.outputs() == []
    drop_progress(account.blobs, source.name, source.etag)
