"""What a queue message of Event Grid says, and what a message of somebody else's does not."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.batch.event_message import WrittenBlob, written_blob
from functions.errors import EventMessageError

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0."), min_size=1, max_size=60)


ETAG = "0x8D4BCC2E4835CD0"


def event(name: str, container: str = "telemetry", **changed: Any) -> dict[str, Any]:
    """Make an event as Event Grid writes it for a blob; the shape is Microsoft's documented example."""
    return {
        "topic": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a",
        "subject": f"/blobServices/default/containers/{container}/blobs/{name}",
        "eventType": "Microsoft.Storage.BlobCreated",
        "eventTime": "2026-01-01T00:00:00.0000000Z",
        "id": "831e1650-001e-001b-66ab-eeb76e069631",
        "data": {
            "api": "PutBlockList",
            "eTag": ETAG,
            "contentType": "text/csv",
            "contentLength": 524288,
            "blobType": "BlockBlob",
            "url": f"https://a.blob.core.windows.net/{container}/{quote(name)}",
            "sequencer": "00000000000004420000000000028963",
            "storageDiagnostics": {"batchId": "b68529f3-68cd-4744-baa4-3c0498ec19f0"},
        },
        "dataVersion": "",
        "metadataVersion": "1",
        **changed,
    }


def read(message: object) -> WrittenBlob | str:
    """Read a message that is not bytes yet."""
    return written_blob(json.dumps(message).encode())


@pytest.mark.parametrize(
    "name", ["day.csv", "site 1/ü/day.csv.gz", "a%20b.csv", "50%.csv", "a/blobs/b.csv", "a?b#c.csv"]
)
@pytest.mark.parametrize("encoded", [False, True])
def test_the_blob_of_an_event(name: str, encoded: bool) -> None:
    subject = f"/blobServices/default/containers/telemetry/blobs/{quote(name) if encoded else name}"
    assert read(event(name, subject=subject)) == WrittenBlob("telemetry", name, ETAG)


@given(name=NAMES)
def test_any_name_comes_through(name: str) -> None:
    encoded = f"/blobServices/default/containers/telemetry/blobs/{quote(name)}"
    assert read(event(name)) == read(event(name, subject=encoded)) == WrittenBlob("telemetry", name, ETAG)


def test_the_address_of_the_data_lake_endpoint() -> None:
    url = "https://a.dfs.core.windows.net/telemetry/site%201/day.csv"
    found = read(event("site 1/day.csv", data={"api": "FlushWithClose", "url": url}))
    assert found == WrittenBlob("telemetry", "site 1/day.csv")


def cloud_event(name: str, subject: str) -> dict[str, Any]:
    """Make an event in CloudEvents 1.0; the shape is Microsoft's documented example."""
    old = event(name)
    return {
        "source": old["topic"],
        "subject": f"/blobServices/default/containers/telemetry/blobs/{subject}",
        "type": old["eventType"],
        "time": old["eventTime"],
        "id": old["id"],
        "data": old["data"],
        "specversion": "1.0",
    }


@given(name=NAMES)
def test_cloud_events_come_through(name: str) -> None:
    assert read(cloud_event(name, name)) == WrittenBlob("telemetry", name, ETAG)
    assert read(cloud_event(name, name) | {"type": "Microsoft.Storage.BlobTierChanged"}) == (
        "Microsoft.Storage.BlobTierChanged"
    )


@pytest.mark.parametrize("halves", ["\ufffd\ufffd", "\ud83d", "??", ""])
def test_a_subject_that_lost_what_is_beyond_the_basic_plane(halves: str) -> None:
    name, lost = "site 1/tasklog_14\U0001f48e.csv", f"site 1/tasklog_14{halves}.csv"
    subject = f"/blobServices/default/containers/telemetry/blobs/{lost}"
    assert read(event(name, subject=subject)) == WrittenBlob("telemetry", name, ETAG)
    assert read(cloud_event(name, lost)) == WrittenBlob("telemetry", name, ETAG)


@pytest.mark.parametrize("name", ["a b.csv", "hash#1.csv", "q?1.csv", "a#b?c#d.csv", "50% off.csv", "ü.csv"])
def test_a_url_that_is_not_encoded(name: str) -> None:
    url = f"https://a.blob.core.windows.net/telemetry/{name}"
    assert read(event(name, data={"url": url})) == WrittenBlob("telemetry", name)


def test_the_address_of_an_emulator() -> None:
    url = "http://127.0.0.1:10000/devstoreaccount1/telemetry/telemetry/day.csv"
    assert read(event("telemetry/day.csv", data={"url": url})) == WrittenBlob(
        "telemetry", "telemetry/day.csv"
    )


@pytest.mark.parametrize(
    "kind", ["Microsoft.Storage.BlobDeleted", "Microsoft.EventGrid.SubscriptionValidationEvent"]
)
def test_another_event_tells_of_no_file(kind: str) -> None:
    assert read(event("day.csv", eventType=kind, data={"validationCode": "x"})) == kind


def test_another_container_is_named() -> None:
    assert read(event("day.csv", "runs")) == WrittenBlob("runs", "day.csv", ETAG)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"", None),
        (b"day.csv", None),
        (b"\xff\xfe", None),
        (b"[" * 100_000, None),
        (b'{"a":' * 100_000, None),
        (b"[]", "`object`"),
        (b'{"name": "day.csv", "etag": "x"}', "`eventType`"),
        (json.dumps(event("day.csv", data=None)).encode(), None),
        (json.dumps(event("day.csv", data={"eTag": "x"})).encode(), "`url`"),
        (json.dumps(event("day.csv", data={"url": "https://[x/telemetry/day.csv"})).encode(), "IPv6"),
        (json.dumps(event("day.csv", data={"url": "https://a/telemetry/%ff.csv"})).encode(), "0xff"),
        (json.dumps(event("day.csv", subject="telemetry/day.csv")).encode(), "'telemetry/day.csv'"),
        (
            json.dumps(event("", subject="/blobServices/default/containers/telemetry/blobs/")).encode(),
            "/telemetry/blobs/'",
        ),
        (
            json.dumps(event("day.csv", data={"url": "https://a/runs/day.csv"})).encode(),
            "https://a/runs/day.csv",
        ),
    ],
)
def test_a_message_of_somebody_elses(body: bytes, named: str | None) -> None:
    with pytest.raises(EventMessageError) as raised:
        written_blob(body)
    assert named is None or named in raised.value.detail
