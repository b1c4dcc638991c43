"""Blob triggers on a real Azurite, two workers."""

import base64
import json

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import ContentSettings

from tests.devhost.conftest import Calls
from tests.support.running_app import RunningApp, RunningAzurite
from tests.support.waiting import wait_until


def test_each_version_is_delivered_once(app: RunningApp, azurite: RunningAzurite, calls: Calls) -> None:
    blob = azurite.blobs.get_blob_client("incoming", "days/2014-01-25.csv")
    blob.upload_blob(b"first")
    assert [call["content"] for call in calls.settled("on_client", 1, name=blob.blob_name)] == ["first"]
    blob.upload_blob(b"second", overwrite=True)
    assert [c["content"] for c in calls.settled("on_client", 2, name=blob.blob_name)] == ["first", "second"]


def test_a_blob_that_does_not_match_is_left_alone(
    app: RunningApp, azurite: RunningAzurite, calls: Calls
) -> None:
    azurite.blobs.get_blob_client("incoming", "readme.txt").upload_blob(b"no")
    azurite.blobs.get_blob_client("incoming", "after-it.csv").upload_blob(b"yes")
    assert len(calls.settled("on_client", 1, name="after-it.csv")) == 1
    assert calls.of("on_client", name="readme.txt") == []


def test_many_blobs_at_once_are_each_delivered_once(
    app: RunningApp, azurite: RunningAzurite, calls: Calls
) -> None:
    container = azurite.blobs.get_container_client("incoming")
    for number in range(40):
        container.upload_blob(f"many/{number}.csv", b"many")
    reported = calls.settled("on_client", 40, content="many")
    assert sorted(str(call["name"]) for call in reported) == sorted(
        f"many/{number}.csv" for number in range(40)
    )


def test_a_stream_gets_content_and_metadata(app: RunningApp, azurite: RunningAzurite, calls: Calls) -> None:
    blob = azurite.blobs.get_blob_client("streams", "deep/s.bin")
    blob.upload_blob("strömung".encode(), content_settings=ContentSettings(content_type="text/plain"))
    (call,) = calls.settled("on_stream", 1, content="strömung")
    assert call["name"] == "streams/deep/s.bin"
    assert call["length"] == 9
    copy = azurite.blobs.get_blob_client("streams-copies", "deep/s.bin.copy")
    assert copy.download_blob().readall() == "strömung".encode()
    assert str(call["uri"]).endswith("/devstoreaccount1/streams/deep/s.bin")


def test_what_keeps_failing_is_poison(app: RunningApp, azurite: RunningAzurite, calls: Calls) -> None:
    blob = azurite.blobs.get_blob_client("incoming", "bad/apple.csv")
    etag = blob.upload_blob(b"poison")["etag"]
    poison = azurite.queues.get_queue_client("webjobs-blobtrigger-poison")

    def message() -> dict[str, str] | None:
        try:
            found = [json.loads(base64.b64decode(item.content)) for item in poison.peek_messages(32)]
        except ResourceNotFoundError:  # the queue is made with the first poison message
            return None
        return next((item for item in found if item["BlobName"] == "bad/apple.csv"), None)

    assert wait_until(message, what="the poison message") == {
        "Type": "BlobTrigger",
        "FunctionId": "Host.Functions.on_client",
        "BlobType": "BlockBlob",
        "ContainerName": "incoming",
        "BlobName": "bad/apple.csv",
        "ETag": etag,
    }
    assert len(calls.settled("on_client", 3, content="poison")) == 3  # poisonBlobThreshold of its host.json
