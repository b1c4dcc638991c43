"""History in a storage account is what it is in a folder: same outputs in any order, old days expire."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient

from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.history import day_cache
from functions.scoring.history.day_cache import DayCache
from functions.scoring.history.folder_store import FolderSnapshotStore
from functions.scoring.history.snapshots import SnapshotStore
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Scorer
from functions.storage import containers
from functions.storage.history_store import BlobSnapshotStore
from functions.storage.pinned_blob import PinnedBlob
from tests.functions.storage.conftest import Upload
from tests.support.drives import Scored, row, score, table

DAYS = [dt.date(2032, 1, 1) + dt.timedelta(days=day) for day in (0, 6, 7, 14, 22, 27, 28, 30, 35)]


@pytest.fixture
def history(service: BlobServiceClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[ContainerClient]:
    """A history container of the test's own, empty."""
    monkeypatch.setattr(containers, "HISTORY", f"history-{uuid.uuid4().hex}")
    with service.create_container(containers.HISTORY) as container:
        yield container
        container.delete_container()


@pytest.fixture(scope="module")
def engine(small_models: Path) -> CsvEngine:
    return CsvEngine(Scorer(Model.load(small_models)))


def content(day: dt.date) -> bytes:
    number = (day - DAYS[0]).days
    return table(
        row(serial, day.isoformat(), smart_5_raw=number * pace, smart_187_raw=number // pace)
        for pace, serial in enumerate("ABC", start=1)
        if (number + pace) % 4
    )


class Telemetry:
    """The days as blobs, uploaded once: a day has the same ETag in every run."""

    def __init__(self, service: BlobServiceClient, upload: Upload, engine: CsvEngine) -> None:
        self._service = service
        self._engine = engine
        self._blobs = {day: PinnedBlob.open(upload(content(day), f"{day}.csv")) for day in DAYS}

    def score(self, day: dt.date, store: SnapshotStore | None = None) -> Scored:
        source = self._blobs[day]
        store = store or BlobSnapshotStore(self._service, source, "v2")
        return score(self._engine, content(day), name=f"{day}.csv", etag=source.etag, store=store)


@pytest.fixture
def telemetry(service: BlobServiceClient, upload: Upload, engine: CsvEngine) -> Telemetry:
    return Telemetry(service, upload, engine)


def snapshots(history: ContainerClient) -> dict[str, bytes]:
    return {name: history.download_blob(name).readall() for name in history.list_blob_names()}


def test_any_order_comes_out_as_a_folder_in_order(
    history: ContainerClient, telemetry: Telemetry, tmp_path: Path
) -> None:
    folder = FolderSnapshotStore(tmp_path)
    expected = {day: telemetry.score(day, folder) for day in DAYS}
    assert {line["history_days"] for run in expected.values() for line in run.rows()} > {"0", "7", "28"}
    order = random.Random(35).sample(DAYS, len(DAYS))
    for day in order:
        telemetry.score(day)
    there = snapshots(history)
    assert there == {
        path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*.arrow")
    }
    random.Random(53).shuffle(order)
    assert {day: telemetry.score(day) for day in order} == expected
    assert snapshots(history) == there


def test_a_file_of_several_dates_comes_out_the_same_in_every_version(
    history: ContainerClient, service: BlobServiceClient, upload: Upload, engine: CsvEngine, tmp_path: Path
) -> None:
    """Between its versions another file of the same process reads the same days."""

    def scored(data: bytes, name: str) -> Scored:
        source = PinnedBlob.open(upload(data, name))
        return score(
            engine, data, name=name, etag=source.etag, store=BlobSnapshotStore(service, source, "v2")
        )

    header, *_ = table(()).splitlines(keepends=True)
    both = content(DAYS[0]) + content(DAYS[2]).removeprefix(header)
    corrected = both.replace(b",25,", b",40,")
    assert corrected != both
    first = scored(both, "both.csv")
    assert first.summary["history"]["days_joined"] == []
    for _ in range(2):
        other = scored(content(DAYS[2]), "other.csv")
        assert other.summary["history"]["days_joined"] == [DAYS[0].isoformat()]
        assert scored(both, "both.csv").scored == first.scored
    alone = score(engine, corrected, name="both.csv", store=FolderSnapshotStore(tmp_path))
    assert scored(corrected, "both.csv").scored == alone.scored
    assert scored(both, "both.csv").scored == first.scored
    dates = {each.name: each.metadata["source_dates"] for each in history.list_blobs(include=["metadata"])}
    assert dates == {
        f"{DAYS[0]}/both.arrow": "2",
        f"{DAYS[2]}/both.arrow": "2",
        f"{DAYS[2]}/other.arrow": "1",
    }


def test_days_that_expire_at_any_moment_fail_no_run(
    history: ContainerClient, telemetry: Telemetry, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in DAYS:
        telemetry.score(day)
    listed = BlobSnapshotStore.versions

    def listed_then_expired(store: BlobSnapshotStore, day: dt.date) -> Mapping[str, str]:
        found = listed(store, day)
        if day == DAYS[-1] - dt.timedelta(days=28):
            for name in found:
                history.delete_blob(f"{day}/{name}.arrow")
        return found

    monkeypatch.setattr(BlobSnapshotStore, "versions", listed_then_expired)
    # As in a process that has read none of them yet.
    monkeypatch.setattr(day_cache, "CACHE", DayCache())
    run = telemetry.score(DAYS[-1])
    # A week ago and, as the day four weeks ago is gone, the nearest to it that is left: 29 days ago.
    assert run.summary["history"]["days_joined"] == ["2032-01-07", "2032-01-29"]
    assert run.tally.accepted == len(run.rows()) > 0
