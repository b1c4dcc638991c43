from __future__ import annotations

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobClient, ContentSettings

from ops.poison.records import GivenUpFiles, GivenUpRecord, file_state, records
from ops.poison.replay import raise_event, replay
from tests.support.given_up import give_up, give_up_message
from tests.support.running_app import RunningAzurite


def upload(account: RunningAzurite, name: str) -> str:
    """Upload a file with everything a replay is to keep; return its ETag, without quotes."""
    content = ContentSettings(content_type="text/csv", content_encoding="gzip")
    blob = account.blobs.get_blob_client("telemetry", name)
    answer = blob.upload_blob(b"bytes", overwrite=True, metadata={"site": "1"}, content_settings=content)
    return str(answer["etag"]).strip('"')


def given_up(account: RunningAzurite, name: str) -> tuple[BlobClient, str, GivenUpRecord]:
    """Upload a file and give it up: the blob, its ETag and the record."""
    etag = upload(account, name)
    give_up(account, name, etag)
    (record,) = records(account.blobs)
    return account.blobs.get_blob_client("telemetry", name), etag, record


def test_the_copy_is_a_new_version_with_the_same_content(account: RunningAzurite) -> None:
    blob, etag, record = given_up(account, "replay/ü day.csv.gz")
    done = replay(account.blobs, record)
    assert (done.path, done.result) == ("telemetry/replay/ü day.csv.gz", "replayed")
    found = blob.get_blob_properties()
    assert found.etag.strip('"') != etag
    assert (found.size, found.metadata) == (5, {"site": "1"})
    assert found.content_settings.content_type == "text/csv"
    assert found.content_settings.content_encoding == "gzip"
    assert len(GivenUpFiles(account.blobs)) == 0
    assert replay(account.blobs, record).result == "newer version", "another replay was faster"


def test_killed_before_the_record_is_deleted_nothing_is_replayed_twice(
    account: RunningAzurite, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob, _, record = given_up(account, "replay/killed.csv")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(BlobClient, "delete_blob", killed)
        with pytest.raises(KeyboardInterrupt):
            replay(account.blobs, record)
    assert len(GivenUpFiles(account.blobs)) == 1, "the record stays until its replay is in place"
    once = blob.get_blob_properties().etag
    assert replay(account.blobs, record).result == "newer version"
    assert blob.get_blob_properties().etag == once
    assert len(GivenUpFiles(account.blobs)) == 0


@pytest.mark.parametrize("what", ["newer version", "gone"])
def test_a_file_that_moved_on_is_not_touched(account: RunningAzurite, what: str) -> None:
    blob, _, record = given_up(account, "replay/moved.csv")
    etag = None
    if what == "gone":
        blob.delete_blob()
    else:
        etag = blob.upload_blob(b"newer", overwrite=True)["etag"]
    assert replay(account.blobs, record).result == what
    assert len(GivenUpFiles(account.blobs)) == 0
    assert (blob.get_blob_properties().etag if blob.exists() else None) == etag


def test_overwritten_between_look_and_copy(account: RunningAzurite, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "replay/race.csv"
    failed = upload(account, name)
    blob = account.blobs.get_blob_client("telemetry", name)
    etag = blob.upload_blob(b"newer", overwrite=True)["etag"]
    monkeypatch.setattr("ops.poison.replay.file_state", lambda *_: "unchanged")
    assert raise_event(account.blobs, name, failed).result == "newer version"
    assert blob.get_blob_properties().etag == etag
    blob.delete_blob()
    assert raise_event(account.blobs, name, failed).result in ("gone", "newer version")


def test_a_leased_file_keeps_its_record(account: RunningAzurite) -> None:
    blob, _, record = given_up(account, "replay/leased.csv")
    lease = blob.acquire_lease()
    try:
        done = replay(account.blobs, record)
    finally:
        lease.release()
    assert done.result == "left"
    assert "could not be copied onto itself" in done.message
    assert len(GivenUpFiles(account.blobs)) == 1


def test_a_foreign_message_is_left(account: RunningAzurite) -> None:
    give_up_message(account, "1")
    (record,) = records(account.blobs)
    done = replay(account.blobs, record)
    assert (done.path, done.result) == ("given-up/message-1.json", "left")
    assert "names no file" in done.message
    assert len(GivenUpFiles(account.blobs)) == 1


@pytest.mark.parametrize(("outcome", "result"), [("success", "replayed"), ("failed", "left")])
def test_a_copy_that_is_postponed_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, outcome: str, result: str
) -> None:
    """Azurite never postpones a copy, so the service is a stand-in here."""

    class Copy:
        id, status = "1", "pending"

    class Properties:
        etag, copy, size, last_modified = '"0x1"', Copy(), 0, None

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
    Properties.copy.status = "pending"
    assert raise_event(Service(), "a.csv", "0x1").result == result  # type: ignore[arg-type]


def test_a_refused_copy_is_told_in_one_line(account: RunningAzurite, monkeypatch: pytest.MonkeyPatch) -> None:
    etag = upload(account, "replay/refused.csv")

    def refuse(*_: object, **__: object) -> None:
        raise HttpResponseError(message="This request is not authorized.\nRequestId: 1\nTime: 2")

    monkeypatch.setattr("azure.storage.blob.BlobClient.start_copy_from_url", refuse)
    done = raise_event(account.blobs, "replay/refused.csv", etag)
    assert done.message.endswith(": This request is not authorized.")


def test_a_record_that_tells_no_version_replays_the_one_that_is_there(account: RunningAzurite) -> None:
    etag = upload(account, "replay/unknown.csv")
    assert file_state(account.blobs, "replay/unknown.csv", "") == "there"
    assert raise_event(account.blobs, "replay/unknown.csv", "").result == "replayed"
    blob = account.blobs.get_blob_client("telemetry", "replay/unknown.csv")
    assert blob.get_blob_properties().etag.strip('"') != etag
    blob.delete_blob()
    assert raise_event(account.blobs, "replay/unknown.csv", "").result == "gone"
