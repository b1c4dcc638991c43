from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import ContentSettings
from azure.storage.queue import QueueClient, QueueMessage

from ops.poison import queue as poison_queue
from ops.poison.message import PoisonedFile
from ops.poison.queue import BLOB_TRIGGER
from ops.poison.replay import LEASE_SECONDS, raise_event, replay
from tests.support.running_app import RunningAzurite


def upload(account: RunningAzurite, name: str) -> PoisonedFile:
    """Upload a file with everything a replay is to keep."""
    content = ContentSettings(content_type="text/csv", content_encoding="gzip")
    blob = account.blobs.get_blob_client("telemetry", name)
    answer = blob.upload_blob(b"bytes", overwrite=True, metadata={"site": "1"}, content_settings=content)
    return PoisonedFile("telemetry", name, str(answer["etag"]).strip('"'))


def give_up(account: RunningAzurite, file: PoisonedFile) -> QueueClient:
    """Put the message into the poison queue that the host would."""
    body = {"ContainerName": file.container, "BlobName": file.name, "ETag": file.etag}
    queue = account.queues.get_queue_client(BLOB_TRIGGER.name)
    queue.send_message(base64.b64encode(json.dumps(body).encode()).decode())
    return queue


def take(queue: QueueClient) -> QueueMessage:
    return next(iter(poison_queue.taken(queue, LEASE_SECONDS)))


def test_the_copy_is_a_new_version_with_the_same_content(account: RunningAzurite) -> None:
    file = upload(account, "replay/ü day.csv.gz")
    queue = give_up(account, file)
    done = replay(account.blobs, queue, take(queue))
    assert (done.path, done.result) == ("telemetry/replay/ü day.csv.gz", "replayed")
    found = account.blobs.get_blob_client("telemetry", file.name).get_blob_properties()
    assert found.etag.strip('"') != file.etag
    assert (found.size, found.metadata) == (5, {"site": "1"})
    assert found.content_settings.content_type == "text/csv"
    assert found.content_settings.content_encoding == "gzip"
    assert poison_queue.count(queue) == 0


def test_killed_before_the_message_is_deleted_nothing_is_replayed_twice(account: RunningAzurite) -> None:
    file = upload(account, "replay/killed.csv")
    queue = give_up(account, file)

    class Killed:
        def delete_message(self, _message: QueueMessage) -> None:
            raise KeyboardInterrupt

    message = take(queue)
    with pytest.raises(KeyboardInterrupt):
        replay(account.blobs, Killed(), message)  # type: ignore[arg-type]
    assert poison_queue.count(queue) == 1, "the message stays until its replay is in place"
    blob = account.blobs.get_blob_client("telemetry", file.name)
    once = blob.get_blob_properties().etag
    queue.update_message(message, visibility_timeout=0)
    assert replay(account.blobs, queue, take(queue)).result == "newer version"
    assert blob.get_blob_properties().etag == once
    assert poison_queue.count(queue) == 0


@pytest.mark.parametrize("what", ["newer version", "gone"])
def test_a_file_that_moved_on_is_not_touched(account: RunningAzurite, what: str) -> None:
    file = upload(account, "replay/moved.csv")
    queue = give_up(account, file)
    blob = account.blobs.get_blob_client("telemetry", file.name)
    etag = None
    if what == "gone":
        blob.delete_blob()
    else:
        etag = blob.upload_blob(b"newer", overwrite=True)["etag"]
    assert replay(account.blobs, queue, take(queue)).result == what
    assert poison_queue.count(queue) == 0
    assert (blob.get_blob_properties().etag if blob.exists() else None) == etag


def test_overwritten_between_look_and_copy(account: RunningAzurite, monkeypatch: pytest.MonkeyPatch) -> None:
    file = upload(account, "replay/race.csv")
    blob = account.blobs.get_blob_client("telemetry", file.name)
    etag = blob.upload_blob(b"newer", overwrite=True)["etag"]
    monkeypatch.setattr("ops.poison.replay.file_state", lambda _blobs, _file: "unchanged")
    assert raise_event(account.blobs, file).result == "newer version"
    assert blob.get_blob_properties().etag == etag
    blob.delete_blob()
    assert raise_event(account.blobs, file).result in ("gone", "newer version")


def test_a_leased_file_keeps_its_message(account: RunningAzurite) -> None:
    file = upload(account, "replay/leased.csv")
    queue = give_up(account, file)
    blob = account.blobs.get_blob_client("telemetry", file.name)
    lease = blob.acquire_lease()
    try:
        done = replay(account.blobs, queue, take(queue))
    finally:
        lease.release()
    assert done.result == "left"
    assert "could not be copied onto itself" in done.told
    assert poison_queue.count(queue) == 1


def test_a_foreign_message_is_left(account: RunningAzurite) -> None:
    queue = account.queues.get_queue_client(BLOB_TRIGGER.name)
    queue.send_message("what is this")
    done = replay(account.blobs, queue, take(queue))
    assert done.result == "left"
    assert "names no file" in done.told
    assert poison_queue.count(queue) == 1


@pytest.mark.parametrize(("outcome", "result"), [("success", "replayed"), ("failed", "left")])
def test_a_copy_that_is_postponed_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, outcome: str, result: str
) -> None:
    """Azurite never postpones a copy, so the service is a stand-in here."""

    class Copy:
        id, status = "1", "pending"

    class Properties:
        etag, copy = '"0x1"', Copy()

    class Blob:
        url = "https://store/telemetry/a.csv"
        looks = 0

        def start_copy_from_url(self, _url: str, **_conditions: Any) -> dict[str, str]:
            return {"copy_id": "1", "copy_status": "pending"}

        def get_blob_properties(self) -> Properties:
            self.looks += 1
            if self.looks == 3:
                Properties.copy.status = outcome
            return Properties()

    class Service:
        def __init__(self) -> None:
            self.blob = Blob()

        def get_blob_client(self, _container: str, _name: str) -> Blob:
            return self.blob

    monkeypatch.setattr("ops.poison.replay.time.sleep", lambda _seconds: None)
    file = PoisonedFile("telemetry", "a.csv", "0x1")
    Properties.copy.status = "pending"
    assert raise_event(Service(), file).result == result  # type: ignore[arg-type]


def test_a_refused_copy_is_told_in_one_line(account: RunningAzurite, monkeypatch: pytest.MonkeyPatch) -> None:
    file = upload(account, "replay/refused.csv")

    def refuse(*_: object, **__: object) -> None:
        raise HttpResponseError(message="This request is not authorized.\nRequestId: 1\nTime: 2")

    monkeypatch.setattr("azure.storage.blob.BlobClient.start_copy_from_url", refuse)
    done = raise_event(account.blobs, file)
    assert done.told == "could not be copied onto itself: This request is not authorized."


def test_a_message_that_tells_no_version_replays_the_one_that_is_there(account: RunningAzurite) -> None:
    """As the app leaves it where storage did not let it look at the file."""
    file = upload(account, "replay/unknown.csv")
    unknown = PoisonedFile(file.container, file.name, "")
    assert poison_queue.file_state(account.blobs, unknown) == "there"
    assert raise_event(account.blobs, unknown).result == "replayed"
    blob = account.blobs.get_blob_client("telemetry", file.name)
    assert blob.get_blob_properties().etag.strip('"') != file.etag
    blob.delete_blob()
    assert raise_event(account.blobs, unknown).result == "gone"
