"""History snapshots: whole or not there."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from azure.storage.blob import BlobClient, BlobServiceClient

from functions.storage import containers
from functions.storage.errors import SnapshotReplacedError, SourceChangedError
from functions.storage.history_store import BlobSnapshotStore
from functions.storage.pinned_blob import PinnedBlob
from functions.storage.provenance import Provenance
from tests.functions.storage.conftest import Upload


@pytest.fixture
def day(folder: str) -> dt.date:
    """Return a day no other test uses."""
    return dt.date(1, 1, 1) + dt.timedelta(days=int(folder, 16) % 3_000_000)


@pytest.fixture
def store(service: BlobServiceClient, upload: Upload) -> BlobSnapshotStore:
    return BlobSnapshotStore(service, PinnedBlob.open(upload(b"1")), "v2")


@pytest.fixture
def reader(service: BlobServiceClient, upload: Upload) -> BlobSnapshotStore:
    """The store of another file."""
    return BlobSnapshotStore(service, PinnedBlob.open(upload(b"2", "reader.csv")), "v2")


def write(store: BlobSnapshotStore, day: dt.date, name: str, data: bytes) -> None:
    with store.create(day, name) as file:
        assert file.write(data) == len(data)


def test_written_listed_and_loaded(
    service: BlobServiceClient, store: BlobSnapshotStore, reader: BlobSnapshotStore, day: dt.date
) -> None:
    data = random.Random(3).randbytes(5_000_000)
    assert [*store.versions(day)] == []
    for name in ("site b/ö.1", "site a/day", "day"):
        write(store, day, name, data + name.encode())
    assert [*reader.versions(day)] == ["day", "site a/day", "site b/ö.1"]
    assert [*reader.versions(day + dt.timedelta(days=1))] == []
    assert store.load(day, "site b/ö.1") == data + "site b/ö.1".encode()
    blob = service.get_blob_client(containers.HISTORY, f"{day.isoformat()}/day.arrow")
    metadata = blob.get_blob_properties().metadata
    assert (metadata["model_version"], metadata["source_dates"]) == ("v2", "1")


def test_visible_only_on_clean_exit(
    store: BlobSnapshotStore, reader: BlobSnapshotStore, day: dt.date
) -> None:
    write(store, day, "day", b"older")
    with store.create(day, "day") as file:
        file.write(b"newer" * 2_000_000)
        assert store.load(day, "day") == b"older"
    assert store.load(day, "day") == b"newer" * 2_000_000

    def crash() -> None:
        with store.create(day, "day") as file:
            file.write(b"x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        crash()
    assert store.load(day, "day") == b"newer" * 2_000_000
    assert [*reader.versions(day)] == ["day"]


def test_days_sort_as_text(service: BlobServiceClient, store: BlobSnapshotStore) -> None:
    write(store, dt.date(987, 6, 5), "day", b"x")
    assert service.get_blob_client(containers.HISTORY, "0987-06-05/day.arrow").exists()


def test_empty_snapshot(store: BlobSnapshotStore, day: dt.date) -> None:
    write(store, day, "day", b"")
    assert store.load(day, "day") == b""


def test_rival_deliveries(store: BlobSnapshotStore, day: dt.date) -> None:
    data = random.Random(4).randbytes(4_500_000)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: write(store, day, "day", data), range(8)))
    assert store.load(day, "day") == data


def test_old_run_never_replaces_a_newer_snapshot(
    service: BlobServiceClient, store: BlobSnapshotStore, upload: Upload, day: dt.date
) -> None:
    newer = BlobSnapshotStore(service, PinnedBlob.open(upload(b"2")), "v2")
    write(newer, day, "day", b"newer")
    with pytest.raises(SourceChangedError, match=f"{day}/day"):
        write(store, day, "day", b"older")
    assert store.load(day, "day") == b"newer"


def test_nothing_staged_is_left(service: BlobServiceClient, store: BlobSnapshotStore, day: dt.date) -> None:
    write(store, day, "day", b"x")
    runs = service.get_container_client(containers.RUNS)
    assert not list(runs.list_blob_names(name_starts_with=".history/"))


def write_days(store: BlobSnapshotStore, days: Sequence[dt.date], name: str) -> None:
    """Write as `SnapshotWriter` does: all are begun before one ends."""
    with ExitStack() as stack:
        for day in days:
            stack.enter_context(store.create(day, name)).write(day.isoformat().encode())


def test_several_dates_of_one_file_are_no_history_for_its_next_version(
    service: BlobServiceClient, upload: Upload, day: dt.date
) -> None:
    def store_of(name: str, data: bytes) -> BlobSnapshotStore:
        return BlobSnapshotStore(service, PinnedBlob.open(upload(data, name)), "v2")

    later = day + dt.timedelta(days=7)
    write(store_of("other.csv", b"1"), day, "other", b"x")
    assert [*store_of("day.csv", b"0").versions(day)] == ["other"]
    write_days(store_of("day.csv", b"1"), [day, later], "day")
    for written in (day, later):
        blob = service.get_blob_client(containers.HISTORY, f"{written}/day.arrow")
        assert blob.get_blob_properties().metadata["source_dates"] == "2"
    for data in (b"1", b"2"):
        again = store_of("day.csv", data)
        assert [*again.versions(day)] == ["other"]
        assert [*again.versions(later)] == []
    for name in ("other.csv", "day.csv.gz", "DAY.csv"):
        another = store_of(name, b"3")
        assert [*another.versions(day)] == ["day", "other"]


def test_a_file_of_one_date_that_is_overwritten_has_its_history(
    service: BlobServiceClient, upload: Upload, day: dt.date
) -> None:
    for number in range(3):
        store = BlobSnapshotStore(service, PinnedBlob.open(upload(b"%d" % number)), "v2")
        written = [day + dt.timedelta(days=before) for before in range(number)]
        assert [[*store.versions(before)] for before in written] == [["day"]] * number
        write(store, day + dt.timedelta(days=number), "day", b"x")


@pytest.mark.parametrize(("name", "by"), [("day.csv", None), ("日" * 300, 2)])
def test_what_a_snapshot_says_of_its_file(
    service: BlobServiceClient, upload: Upload, day: dt.date, name: str, by: int | None
) -> None:
    """An earlier version of the app said no number of dates; a name may be longer than metadata can be."""
    source = PinnedBlob.open(upload(b"0", name))
    provenance = Provenance.of(source, "v2")
    if by is not None:
        provenance = provenance.of_dates(by)
    service.get_blob_client(containers.HISTORY, f"{day}/day.arrow").upload_blob(
        b"x", metadata=provenance.metadata()
    )
    assert [*BlobSnapshotStore(service, source, "v2").versions(day)] == []
    expected = ["day"] if by is None else []
    newer = PinnedBlob.open(upload(b"1", name))
    assert [*BlobSnapshotStore(service, newer, "v2").versions(day)] == expected


def test_missing(store: BlobSnapshotStore, day: dt.date) -> None:
    assert store.load(day, "never") is None


def test_replaced_whenever_it_is_read(
    service: BlobServiceClient, store: BlobSnapshotStore, day: dt.date, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store, day, "day", b"older")
    pin = PinnedBlob.open

    def pinned_too_early(client: BlobClient) -> PinnedBlob:
        found = pin(client)
        client.upload_blob(b"newer", overwrite=True)
        return found

    monkeypatch.setattr(PinnedBlob, "open", pinned_too_early)
    with pytest.raises(SnapshotReplacedError, match=f"{day}/day"):
        store.load(day, "day")


def test_deleted_while_it_is_read(
    store: BlobSnapshotStore, day: dt.date, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store, day, "day", b"x")
    pin = PinnedBlob.open

    def pinned_and_expired(client: BlobClient) -> PinnedBlob:
        found = pin(client)
        client.delete_blob()
        return found

    monkeypatch.setattr(PinnedBlob, "open", pinned_and_expired)
    assert store.load(day, "day") is None


def test_deleted_after_it_was_listed(
    service: BlobServiceClient, store: BlobSnapshotStore, reader: BlobSnapshotStore, day: dt.date
) -> None:
    write(store, day, "day", b"x")
    assert [*reader.versions(day)] == ["day"]
    service.get_blob_client(containers.HISTORY, f"{day}/day.arrow").delete_blob()
    assert reader.load(day, "day") is None


def test_replaced_after_it_was_listed(
    service: BlobServiceClient, store: BlobSnapshotStore, reader: BlobSnapshotStore, day: dt.date
) -> None:
    write(store, day, "day", b"older")
    assert [*reader.versions(day)] == ["day"]
    service.get_blob_client(containers.HISTORY, f"{day}/day.arrow").upload_blob(b"newer", overwrite=True)
    with pytest.raises(SnapshotReplacedError, match=f"{day}/"):
        reader.load(day, "day")


def test_a_run_sees_what_was_there_when_its_file_came_and_one_state_of_it(
    service: BlobServiceClient, upload: Upload, day: dt.date
) -> None:
    """Somebody waits for a result, then uploads the next file: another worker wrote the snapshot."""
    history = service.get_container_client(containers.HISTORY)
    found = []
    for count in (1, 2):
        for written in (day, day + dt.timedelta(days=1)):
            history.upload_blob(f"{written}/{count}.arrow", b"x", overwrite=True)
        run = BlobSnapshotStore(service, PinnedBlob.open(upload(b"%d" % count)), "v2")
        for listed in (day, day + dt.timedelta(days=1)):
            assert [*run.versions(listed)] == [str(number + 1) for number in range(count)]
        found.append(run.versions(day))
        history.upload_blob(f"{day}/later.arrow", b"x", overwrite=True)
        assert [*run.versions(day)] == [*found[-1]]
        history.delete_blob(f"{day}/later.arrow")
    assert found[0].items() < found[1].items()
    history.upload_blob(f"{day}/1.arrow", b"x", overwrite=True)
    again = BlobSnapshotStore(service, PinnedBlob.open(upload(b"3")), "v2")
    assert again.versions(day)["1"] != found[1]["1"], "it has been replaced"


def test_no_container_yet(store: BlobSnapshotStore, day: dt.date, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "HISTORY", "never-made")
    assert [*store.versions(day)] == []
