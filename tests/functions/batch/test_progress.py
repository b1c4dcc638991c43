"""Progress is put apart for each version of a file, not too often, and nothing depends on it."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from azure.core.exceptions import ResourceNotFoundError

from functions.batch import progress as progress_module
from functions.batch.progress import MOST_REMEMBERED, follow, put_progress
from functions.scoring.report.tally import Tally
from functions.storage import containers
from functions.storage.output_names import progress_name
from functions.storage.pinned_blob import PinnedBlob
from tests.functions.batch.app_here import AppHere
from tests.functions.conftest import Fleet
from tests.support.drives import WORN, row, table
from tests.support.running_app import RunningAzurite

DATA = b"0123456789" * 3
DAY = "2013-01-25"
BIG = table([*(row(f"S{number}", DAY) for number in range(600)), row("S5", DAY, **WORN)])


@pytest.fixture
def source(account: RunningAzurite, fleet: Fleet) -> PinnedBlob:
    """A file that no app takes, as it is no CSV."""
    fleet.drop("day.txt", DATA)
    return PinnedBlob.open(account.blobs.get_blob_client("telemetry", f"{fleet.folder}/day.txt"))


def put(account: RunningAzurite, name: str, etag: str) -> dict[str, Any] | None:
    """Return what was put for a version of a file."""
    blob = account.blobs.get_blob_client("runs", progress_name(name, etag))
    try:
        found: dict[str, Any] = json.loads(blob.download_blob().readall())
    except ResourceNotFoundError:
        return None
    return found


@pytest.fixture
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_module, "PAUSE_SECONDS", 0.0)


@pytest.mark.usefixtures("_at_once")
def test_a_file_in_ranges(account: RunningAzurite, app_here: AppHere, fleet: Fleet) -> None:
    """Some ranges are scored again, for drives that are there twice: the bar stands still meanwhile."""
    fleet.drop("big.csv", BIG)
    tasks = app_here.arrive("big.csv").tasks
    seen = []
    queue = [*tasks]
    while queue:
        queue += app_here.range(queue.pop(0)).tasks
        seen.append(put(account, tasks[0].name, tasks[0].etag) or {})
    assert len(seen) > len(tasks), "some ranges are scored again"
    assert [each["ranges_done"] for each in seen[: len(tasks) - 1]] == [*range(1, len(tasks))]
    assert [each["bytes_done"] for each in seen] == sorted(each["bytes_done"] for each in seen)
    assert {(each["ranges"], each["bytes"]) for each in seen} == {(len(tasks), len(BIG))}
    assert (seen[-1]["source_name"], seen[-1]["source_etag"]) == (tasks[0].name, tasks[0].etag)
    assert not [name for name in fleet.outputs() if "progress" in name]


@pytest.mark.usefixtures("_at_once")
def test_bytes_and_rows_while_a_file_is_read(account: RunningAzurite, source: PinnedBlob) -> None:
    tally = Tally()
    seen = []
    for chunk in follow(account.blobs, source, tally, source.chunks(10)):
        tally.lines += len(chunk)
        seen.append(put(account, source.name, source.etag) or {})
    assert [(each["bytes_done"], each["rows"]) for each in seen] == [(0, 0), (10, 10), (20, 20)]
    assert {(each["ranges_done"], each["ranges"], each["bytes"]) for each in seen} == {(0, 1, 30)}


def test_not_more_often_than_that(
    account: RunningAzurite, source: PinnedBlob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_module, "PAUSE_SECONDS", 3_600.0)
    monkeypatch.setattr(progress_module, "_last_put", {})
    assert b"".join(follow(account.blobs, source, Tally(), source.chunks(1))) == DATA
    assert put(account, source.name, source.etag) is None, "a file that is done soon says nothing"
    monkeypatch.setattr(progress_module, "_last_put", {})
    for done in (1, 2):
        put_progress(account.blobs, source, datetime.now(UTC), done, bytes_done=done)
    assert (put(account, source.name, source.etag) or {})["rows"] == 1


def test_what_is_remembered_is_bounded(source: PinnedBlob, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_module, "_last_put", {str(number): 0.0 for number in range(MOST_REMEMBERED)})
    list(follow(source.client, source, Tally(), []))  # type: ignore[arg-type]
    assert len(progress_module._last_put) == MOST_REMEMBERED
    assert progress_name(source.name, source.etag) in progress_module._last_put


@pytest.mark.usefixtures("_at_once")
def test_what_cannot_be_put_stops_nothing(
    account: RunningAzurite, source: PinnedBlob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "RUNS", "never-made")
    assert b"".join(follow(account.blobs, source, Tally(), source.chunks(10))) == DATA


@pytest.mark.usefixtures("_at_once")
def test_a_file_of_any_name_has_a_place(account: RunningAzurite, fleet: Fleet) -> None:
    """A name may have 1,024 characters, its encoded form thousands."""
    fleet.drop("日" * 900 + ".txt", b"x")
    name = f"{fleet.folder}/{'日' * 900}.txt"
    source = PinnedBlob.open(account.blobs.get_blob_client("telemetry", name))
    put_progress(account.blobs, source, datetime.now(UTC), 1, bytes_done=1)
    assert (put(account, name, source.etag) or {})["source_name"] == name


def test_many_files_at_the_same_time(
    account: RunningAzurite, source: PinnedBlob, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threads of one worker begin files while versions are forgotten."""
    usual = sys.getswitchinterval()

    def begin(thread: int) -> None:
        for number in range(1_000):
            file = replace(source, name=f"{thread}-{number}.csv")
            assert list(follow(account.blobs, file, Tally(), [])) == []

    monkeypatch.setattr(progress_module, "_last_put", {})
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(begin, range(8)))
    finally:
        sys.setswitchinterval(usual)
    assert len(progress_module._last_put) == MOST_REMEMBERED
