"""A listing serves who came before it was made, and nobody else."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobServiceClient, ContainerClient

from functions.storage import history_listing
from functions.storage.history_listing import HistoryListing, listing_of
from functions.storage.provenance import Provenance

MONTH, FOLDER = "2014-01-", "2014-01-25/"
B = Provenance(
    "telemetry/b.csv", '"0x1"', datetime(2026, 3, 1, tzinfo=UTC), "v2", datetime(2026, 3, 2, tzinfo=UTC)
)
"""What a snapshot of the file b.csv says."""

LONG_AGO = timedelta(hours=1)


@pytest.fixture
def history(service: BlobServiceClient) -> Iterator[ContainerClient]:
    """A container of the test's own."""
    with service.create_container(f"listed-{uuid.uuid4().hex}") as container:
        container.upload_blob(f"{FOLDER}a.arrow", b"a")
        yield container
        container.delete_container()


@pytest.fixture
def listing(history: ContainerClient) -> HistoryListing:
    return listing_of(history)


def names(listing: HistoryListing, history: ContainerClient, uploaded: datetime) -> list[str]:
    """The names of the day, by the listing that a run on a file of this age is given."""
    return list(listing.snapshots(history, FOLDER, uploaded).versions)


def test_a_file_that_was_there_before_is_served_by_it(
    listing: HistoryListing, history: ContainerClient
) -> None:
    before = datetime.now(UTC) - LONG_AGO
    first = listing.snapshots(history, FOLDER, before)
    history.upload_blob(f"{FOLDER}b.arrow", b"b")
    assert listing.snapshots(history, FOLDER, before) is first
    assert list(first.versions) == ["a"]


def test_a_file_that_came_later_sees_all_that_was_there_when_it_came(
    listing: HistoryListing, history: ContainerClient
) -> None:
    """Somebody waits for a result, then uploads the next file: another worker wrote the snapshot."""
    assert names(listing, history, datetime.now(UTC) - LONG_AGO) == ["a"]
    history.upload_blob(f"{FOLDER}b.arrow", b"b")
    assert names(listing, history, datetime.now(UTC)) == ["a", "b"]
    listing.days(history, MONTH, datetime.now(UTC) - LONG_AGO)
    history.upload_blob("2014-01-26/b.arrow", b"b")
    assert listing.days(history, MONTH, datetime.now(UTC)) == {FOLDER, "2014-01-26/"}


def test_it_expires(
    listing: HistoryListing, history: ContainerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = datetime.now(UTC) - LONG_AGO
    monkeypatch.setattr(history_listing, "LISTING_SECONDS", 0.0)
    assert names(listing, history, before) == ["a"]
    history.upload_blob(f"{FOLDER}b.arrow", b"b")
    assert names(listing, history, before) == ["a", "b"]


def test_what_the_process_writes_is_in_it_at_once(listing: HistoryListing, history: ContainerClient) -> None:
    before = datetime.now(UTC) - LONG_AGO
    listing.days(history, MONTH, before)
    first = listing.snapshots(history, FOLDER, before)
    etag = str(history.upload_blob(f"{FOLDER}b.arrow", b"bb").get_blob_properties().etag)
    listing.wrote(f"{FOLDER}b.arrow", etag, 2, B.of_dates(1))
    listing.wrote("2014-01-26/b.arrow", etag, 2, B.of_dates(1))
    second = listing.snapshots(history, FOLDER, before)
    assert second is not first
    assert second.found[f"{FOLDER}b.arrow"][:2] == (etag, 2)
    assert listing.days(history, MONTH, before) == {FOLDER, "2014-01-26/"}
    assert second.versions == HistoryListing(listing._place).snapshots(history, FOLDER, before).versions


def test_what_may_have_been_written_is_looked_for(listing: HistoryListing, history: ContainerClient) -> None:
    before = datetime.now(UTC) - LONG_AGO
    assert names(listing, history, before) == ["a"]
    history.upload_blob(f"{FOLDER}b.arrow", b"b")
    listing.wrote(f"{FOLDER}b.arrow", None, 0, B)
    assert names(listing, history, before) == ["a", "b"]


def test_one_that_is_not_what_was_listed_is_looked_for(
    listing: HistoryListing, history: ContainerClient
) -> None:
    before = datetime.now(UTC) - LONG_AGO
    first = listing.snapshots(history, FOLDER, before)
    history.upload_blob(f"{FOLDER}a.arrow", b"again", overwrite=True)
    listing.forget(f"{FOLDER}a.arrow")
    assert listing.snapshots(history, FOLDER, before).versions["a"] != first.versions["a"]


@pytest.mark.parametrize("by", ["listed", "written"])
@pytest.mark.parametrize("name", ["telemetry/b.csv", f"telemetry/{'日' * 1024}.csv"])
def test_what_a_file_of_several_dates_has_left_is_kept_from_that_file(
    listing: HistoryListing, history: ContainerClient, by: str, name: str
) -> None:
    provenance, other = replace(B, source=name), replace(B, source=name + ".gz")
    before = datetime.now(UTC) - LONG_AGO
    if by == "written":
        listing.snapshots(history, FOLDER, before)
    for file, dates in (("one", 1), ("two", 2), ("unsaid", None)):
        says = replace(provenance, source_dates=dates)
        blob = history.upload_blob(f"{FOLDER}{file}.arrow", b"b", metadata=says.metadata())
        if by == "written":
            listing.wrote(blob.blob_name, str(blob.get_blob_properties().etag), 1, says)
    found = listing.snapshots(history, FOLDER, before)
    assert list(found.versions) == ["a", "one", "two", "unsaid"]
    mine = found.versions_for(provenance.source_name)
    assert list(mine) == ["a", "one", "unsaid"]
    assert mine.items() < found.versions.items()
    assert found.versions_for(other.source_name) is found.versions


def test_no_container(service: BlobServiceClient) -> None:
    container = service.get_container_client(f"absent-{uuid.uuid4().hex}")
    with pytest.raises(ResourceNotFoundError):
        listing_of(container).days(container, MONTH, datetime.now(UTC))


def test_a_container_has_one_listing_whoever_asks(
    service: BlobServiceClient, history: ContainerClient
) -> None:
    other = service.get_container_client(history.container_name)
    assert listing_of(other) is listing_of(history)
