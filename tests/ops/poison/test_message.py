from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.poison.message import PoisonedFile, read

BODY = {
    "Type": "BlobTrigger",
    "FunctionId": "Host.Functions.score_telemetry",
    "BlobType": "BlockBlob",
    "ContainerName": "telemetry",
    "BlobName": "site 1/ü/day.csv",
    "ETag": '"0x8D1DC6E70A277EF"',
}
"""As https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-blob-trigger lists it."""


@pytest.mark.parametrize("encoded", [False, True])
def test_reads_the_hosts_message_in_both_encodings(*, encoded: bool) -> None:
    text = json.dumps(BODY)
    found = read(base64.b64encode(text.encode()).decode() if encoded else text)
    assert found == PoisonedFile("telemetry", "site 1/ü/day.csv", "0x8D1DC6E70A277EF")
    assert found.path == "telemetry/site 1/ü/day.csv"


@pytest.mark.parametrize(
    "content",
    ["", "bm8=", "{}", "[]", None, 3, '{"ContainerName": "", "BlobName": "x", "ETag": "1"}', b"\xff"],
)
def test_anything_else_is_nothing(content: object) -> None:
    assert read(content) is None


@given(st.one_of(st.text(), st.binary(), st.builds(lambda b: base64.b64encode(b).decode(), st.binary())))
def test_no_content_breaks_it(content: object) -> None:
    found = read(content)
    assert found is None or found.name


RANGE = {
    "name": "2025-Q1.csv",
    "etag": '"0x8D1DC6E70A277EF"',
    "size": 10**9,
    "range_bytes": 67_108_864,
    "index": 3,
    "lines_before": 0,
    "model_version": "v2",
    "started": "2026-01-01T00:00:00Z",
}
EVENT = {
    "eventType": "Microsoft.Storage.BlobCreated",
    "subject": "/blobServices/default/containers/telemetry/blobs/site 1/day.csv",
    "data": {
        "api": "PutBlob",
        "eTag": "0x8D1DC6E70A277EF",
        "url": "https://x.blob.core.windows.net/telemetry/",
    },
}
"""As https://learn.microsoft.com/azure/event-grid/event-schema-blob-storage shows it."""


def test_reads_the_message_of_a_range_and_an_event() -> None:
    assert read(json.dumps(RANGE)) == PoisonedFile("telemetry", "2025-Q1.csv", "0x8D1DC6E70A277EF")
    encoded = base64.b64encode(json.dumps(EVENT).encode()).decode()
    assert read(encoded) == PoisonedFile("telemetry", "site 1/day.csv", "0x8D1DC6E70A277EF")
