"""Reading one version, whatever happens to the blob meanwhile."""

from __future__ import annotations

import gzip
import random
import re
import threading

import pytest
from azure.storage.blob import BlobServiceClient, ContentSettings

from functions.storage import containers
from functions.storage.errors import SourceArchivedError, SourceChangedError, SourceGoneError
from functions.storage.pinned_blob import PinnedBlob
from tests.functions.storage.conftest import Upload

DATA = random.Random(7).randbytes(1_000_003)


def test_what_is_pinned(upload: Upload, folder: str) -> None:
    client = upload(DATA)
    pinned = PinnedBlob.open(client)
    properties = client.get_blob_properties()
    assert (pinned.container, pinned.name) == ("telemetry", f"{folder}/day.csv")
    assert pinned.path == f"telemetry/{folder}/day.csv"
    assert (pinned.etag, pinned.size) == (properties.etag, len(DATA))
    assert pinned.last_modified == properties.last_modified


@pytest.mark.parametrize("chunk_bytes", [100_000, 333_334, 1_000_002, 1_000_003, 1_000_004])
def test_chunks_are_the_blob(upload: Upload, chunk_bytes: int) -> None:
    chunks = list(PinnedBlob.open(upload(DATA)).chunks(chunk_bytes))
    assert b"".join(chunks) == DATA
    assert {len(chunk) for chunk in chunks[:-1]} <= {chunk_bytes}
    assert len(chunks) == -(-len(DATA) // chunk_bytes)


@pytest.mark.parametrize(
    ("start", "end"), [(0, 1), (1, 100_001), (99_999, 300_000), (1_000_000, None), (999_999, 2_000_000)]
)
def test_a_range_of_it(upload: Upload, start: int, end: int | None) -> None:
    chunks = list(PinnedBlob.open(upload(DATA)).chunks(100_000, start, end))
    assert b"".join(chunks) == DATA[start:end]
    assert all(chunks)


@pytest.mark.parametrize(("start", "end"), [(5, 5), (7, 3), (len(DATA), None)])
def test_an_empty_range_yields_nothing(upload: Upload, start: int, end: int | None) -> None:
    assert list(PinnedBlob.open(upload(DATA)).chunks(start=start, end=end)) == []


def test_larger_than_the_default_chunk(upload: Upload) -> None:
    data = DATA * 33
    sizes = [len(chunk) for chunk in PinnedBlob.open(upload(data)).chunks()]
    assert sizes == [16 * 2**20, len(data) - 16 * 2**20]


def test_empty_blob_yields_nothing(upload: Upload) -> None:
    assert list(PinnedBlob.open(upload(b"")).chunks()) == []


def test_content_encoding_is_not_undone(upload: Upload) -> None:
    stored = gzip.compress(DATA)
    client = upload(stored, content_settings=ContentSettings(content_encoding="gzip"))
    assert b"".join(PinnedBlob.open(client).chunks(100_000)) == stored


def test_overwritten_in_the_middle(upload: Upload) -> None:
    pinned = PinnedBlob.open(upload(DATA))
    chunks = pinned.chunks(100_000)
    assert next(chunks) == DATA[:100_000]
    upload(DATA[::-1])
    arrived: list[bytes] = []
    with pytest.raises(SourceChangedError, match=re.escape(pinned.etag)):
        arrived.extend(chunks)
    # At most the chunk already on its way, and that is the old version's.
    assert arrived in ([], [DATA[100_000:200_000]])
    assert not pinned.is_current()


def test_overwritten_by_fewer_bytes(upload: Upload) -> None:
    pinned = PinnedBlob.open(upload(DATA))
    upload(b"")
    with pytest.raises(SourceChangedError):
        pinned.read(500_000, 1000)


def test_deleted_in_the_middle(upload: Upload) -> None:
    client = upload(DATA)
    pinned = PinnedBlob.open(client)
    chunks = pinned.chunks(100_000)
    next(chunks)
    client.delete_blob()
    with pytest.raises(SourceGoneError):
        list(chunks)
    assert not pinned.is_current()
    with pytest.raises(SourceGoneError):
        PinnedBlob.open(client)


def test_missing_container(service: BlobServiceClient) -> None:
    with pytest.raises(SourceGoneError):
        PinnedBlob.open(service.get_blob_client("never-made", "day.csv"))


def test_abandoned_reading_leaves_no_thread(upload: Upload) -> None:
    chunks = PinnedBlob.open(upload(DATA)).chunks(100_000)
    next(chunks)
    chunks.close()  # type: ignore[attr-defined]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("blob-prefetch")]


def test_next_chunk_is_fetched_while_the_caller_works(
    upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    second_asked = threading.Event()
    read = PinnedBlob.read

    def watched(self: PinnedBlob, offset: int, length: int) -> bytes:
        if offset == 100_000:
            second_asked.set()
        assert offset <= 100_000, "more than one chunk ahead"
        return read(self, offset, length)

    monkeypatch.setattr(PinnedBlob, "read", watched)
    chunks = PinnedBlob.open(upload(DATA)).chunks(100_000)
    next(chunks)
    assert second_asked.wait(10)
    chunks.close()  # type: ignore[attr-defined]


def test_awkward_names(upload: Upload, folder: str) -> None:
    name = "Größe 100%41?#&+ 日本.csv"
    pinned = PinnedBlob.open(upload(DATA, name))
    assert pinned.name == f"{folder}/{name}"
    assert b"".join(pinned.chunks()) == DATA
    assert pinned.container == containers.TELEMETRY


def test_an_archived_blob_has_to_be_rehydrated(upload: Upload) -> None:
    client = upload(DATA)
    client.set_standard_blob_tier("Archive")
    with pytest.raises(SourceArchivedError, match="ops poison replay"):
        list(PinnedBlob.open(client).chunks())
