from __future__ import annotations

from functions.blueprints import batch
from functions.storage.containers import GIVEN_UP
from functions.storage.given_up import GivenUp
from ops.poison.records import QUEUES, GivenUpFiles, file_state, records, waiting
from ops.poison.replay import replay
from tests.support.given_up import QUEUE, give_up, give_up_message
from tests.support.running_app import RunningAzurite


def test_the_queues_are_those_of_the_app() -> None:
    assert {*QUEUES} == {batch.BLOB_POISON, batch.EVENTS_POISON, batch.RANGES_POISON}


def test_nothing_is_there_before_the_first_record(azurite: RunningAzurite) -> None:
    """Neither the container nor, as a rule, the queues."""
    assert list(records(azurite.blobs)) == []
    assert len(GivenUpFiles(azurite.blobs)) == 0


def test_what_became_of_a_file(account: RunningAzurite) -> None:
    blob = account.blobs.get_blob_client("telemetry", "state/day.csv")
    etag = str(blob.upload_blob(b"1", overwrite=True)["etag"]).strip('"')
    assert file_state(account.blobs, "state/day.csv", etag) == "unchanged"
    assert file_state(account.blobs, "state/day.csv", "") == "there"
    blob.upload_blob(b"2", overwrite=True)
    assert file_state(account.blobs, "state/day.csv", etag) == "changed"
    blob.delete_blob()
    assert file_state(account.blobs, "state/day.csv", etag) == "gone"


def test_records_say_what_was_given_up(account: RunningAzurite) -> None:
    give_up(account, "site 1/ü.csv", '"0x1"')
    give_up_message(account, "7", "neither")
    account.blobs.get_blob_client(GIVEN_UP, "by-hand.json").upload_blob(b'{"queue": "\xff"}')
    found = {record.path: record.given_up for record in records(account.blobs)}
    assert found == {
        "telemetry/site 1/ü.csv": GivenUp(QUEUE, "a message", "site 1/ü.csv", "0x1"),
        f"{GIVEN_UP}/message-7.json": GivenUp(QUEUE, "neither"),
        f"{GIVEN_UP}/by-hand.json": GivenUp("", '{"queue": "\ufffd"}'),
    }
    files = GivenUpFiles(account.blobs)
    assert len(files) == 3
    assert files.has("site 1/ü.csv", "0x1")
    assert not files.has("site 1/ü.csv", "0x2")


def test_a_record_that_leads_to_another_container_names_no_file(account: RunningAzurite) -> None:
    blob = account.blobs.get_blob_client("predictions", "elsewhere.csv")
    etag = blob.upload_blob(b"x")["etag"]
    give_up(account, "../predictions/elsewhere.csv", etag)
    (record,) = records(account.blobs)
    assert record.path == f"{GIVEN_UP}/{record.blob}"
    assert replay(account.blobs, record).result == "left"
    assert blob.get_blob_properties().etag == etag


def test_a_record_stands_for_its_version_or_for_any(account: RunningAzurite) -> None:
    give_up(account, "any.csv", "")
    assert GivenUpFiles(account.blobs).has("any.csv", "0x1")


def test_messages_of_all_poison_queues_are_counted(account: RunningAzurite) -> None:
    assert waiting(account.queues) == 0
    for name in QUEUES:
        account.queues.get_queue_client(name).send_message("x")
    account.queues.get_queue_client(QUEUES[0]).delete_queue()
    assert waiting(account.queues) == 2
