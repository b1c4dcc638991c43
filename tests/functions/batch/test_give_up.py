"""What becomes of a message that every try has failed on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from azure.core.exceptions import HttpResponseError
from hypothesis import given
from hypothesis import strategies as st

from functions.batch.event_message import WrittenBlob, announcement, written_blob
from functions.batch.failures import publish_failure, say_failed
from functions.batch.give_up import failed_file, give_up, spaced_try
from functions.blueprints.batch import BLOB_POISON, EVENTS_POISON, RANGES_POISON
from functions.errors import TelemetryFileError
from functions.storage.containers import GIVEN_UP
from functions.storage.errors import PublishError
from functions.storage.given_up import GivenUp, record_name
from functions.storage.pinned_blob import PinnedBlob
from tests.functions.batch.app_here import AppHere
from tests.functions.conftest import Fleet
from tests.support.drives import row, table
from tests.support.running_app import RunningAzurite
from tests.support.undisturbed import Undisturbed

DATA = table([row("A", "2026-04-25")])
BIG = table([row(f"S{number}", "2026-04-25") for number in range(800)])


def blob_message(name: str, etag: str | None, container: str = "telemetry") -> bytes:
    """Return a message as the host writes it; recorded on Microsoft's, see tests/devhost/recordings."""
    return json.dumps(
        {
            "Type": "BlobTrigger",
            "FunctionId": "Host.Functions.score_telemetry",
            "BlobType": "BlockBlob",
            "ContainerName": container,
            "BlobName": name,
            "ETag": etag,
        }
    ).encode()


def pinned(app: AppHere, name: str) -> PinnedBlob:
    return PinnedBlob.open(app.service.get_blob_client("telemetry", f"{app.fleet.folder}/{name}"))


@pytest.fixture
def records(account: RunningAzurite) -> Iterator[dict[str, Any]]:
    """What a test leaves in the container of records: filled by `look`, emptied afterwards."""
    container = account.blobs.get_container_client(GIVEN_UP)

    class Records(dict[str, Any]):
        def look(self) -> dict[str, Any]:
            self.clear()
            for name in container.list_blob_names() if container.exists() else ():
                self[name] = msgspec.json.decode(container.download_blob(name).readall(), type=GivenUp)
            return self

    found = Records()
    yield found
    for name in found.look():
        container.delete_blob(name)


def test_reads_the_message_of_a_blob_an_event_and_a_range(app_here: AppHere, fleet: Fleet) -> None:
    name = f"{fleet.folder}/50%25 ü#1?.csv"
    etag = fleet.drop("50%25 ü#1?.csv", BIG).strip('"')
    task = app_here.arrive("50%25 ü#1?.csv").tasks[0]
    expected = WrittenBlob("telemetry", name, etag)
    assert failed_file(blob_message(name, f'"{etag}"')) == expected
    assert failed_file(announcement("telemetry", name, etag).encode()) == expected
    assert failed_file(task.encode().encode()) == expected


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"what is this",
        b"[]",
        b'{"a":' * 100_000,
        b'{"name": "\xff"}',
        b'{"BlobName": "\xff"}',
        blob_message("day.csv", "x", "other"),
        blob_message("", "x"),
        blob_message("../predictions/day.csv", "x"),
        announcement("other", "day.csv").encode(),
        b'{"eventType": "Microsoft.Storage.BlobDeleted", "subject": "", "data": {}}',
    ],
)
def test_a_message_that_names_no_telemetry_file_is_kept_as_it_is(
    app_here: AppHere, records: Any, body: bytes
) -> None:
    assert spaced_try(body) is None
    give_up(app_here.service, EVENTS_POISON, "id-1", body)
    assert records.look() == {"message-id-1.json": GivenUp(EVENTS_POISON, body.decode(errors="replace"))}


@given(st.binary() | st.text().map(str.encode))
def test_no_message_breaks_it(body: bytes) -> None:
    assert failed_file(body) is None


def test_a_blob_is_tried_on_by_an_announcement_of_its_version() -> None:
    message = spaced_try(blob_message("site 1/ü.csv", '"0x1"'))
    assert message is not None
    assert written_blob(message.encode()) == WrittenBlob("telemetry", "site 1/ü.csv", "0x1")


def test_a_message_may_say_no_version() -> None:
    expected = WrittenBlob("telemetry", "day.csv")
    assert failed_file(blob_message("day.csv", None)) == expected
    event = json.loads(announcement("telemetry", "day.csv"))
    for data in (event["data"], {"url": event["data"]["url"]}, {**event["data"], "eTag": None}):
        assert failed_file(json.dumps({**event, "data": data}).encode()) == expected


def test_a_name_without_outputs_is_not_tried_on() -> None:
    assert spaced_try(blob_message("x" * 1_010 + ".csv", '"0x1"')) is None


def test_the_summary_says_the_cause_that_the_last_try_left(
    app_here: AppHere, fleet: Fleet, records: Any
) -> None:
    etag = fleet.drop("day.csv", DATA)
    say_failed(app_here.service, pinned(app_here, "day.csv"), "v2", TelemetryFileError("No model."))
    message = announcement("telemetry", f"{fleet.folder}/day.csv", etag)
    for number in range(2):  # delivered twice
        give_up(app_here.service, EVENTS_POISON, str(number), message.encode())
        found = fleet.summary("day", etag, 0)
        assert (found["status"], found["model_version"]) == ("failed", "v2")
        assert found["error"]["code"] == "run_failed"
        assert found["error"]["detail"].startswith("No model. ")
        assert found["error"]["detail"].count("poison replay") == 1
    bare = etag.strip('"')
    name = f"{fleet.folder}/day.csv"
    assert records.look() == {record_name(name, bare): GivenUp(EVENTS_POISON, message, name, bare)}


def test_ranges_of_a_file_that_died_leave_one_record(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed, records: Any
) -> None:
    etag = fleet.drop("big.csv", BIG)
    tasks = app_here.arrive("big.csv").tasks
    for number, task in enumerate(tasks[:2]):
        give_up(app_here.service, RANGES_POISON, str(number), task.encode().encode())
    assert len(records.look()) == 1
    assert fleet.summary("big", etag, 0)["error"]["code"] == "run_failed"
    app_here.ranges(tasks)
    undisturbed.expect(fleet, "big", BIG, etag, 0)


@pytest.mark.parametrize("what", ["scored", "refused", "replaced", "deleted"])
def test_a_file_that_has_moved_on_is_not_given_up(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed, records: Any, what: str
) -> None:
    etag = fleet.drop("day.csv", DATA)
    message = blob_message(f"{fleet.folder}/day.csv", etag)
    source = pinned(app_here, "day.csv")
    if what == "scored":
        app_here.arrive("day.csv")
    elif what == "refused":
        publish_failure(app_here.service, source, "v2", TelemetryFileError("No header."))
    elif what == "replaced":
        fleet.drop("day.csv", DATA + b"\n")
    else:
        source.client.delete_blob()
    before = {name: fleet.output(name) for name in fleet.outputs()}
    give_up(app_here.service, BLOB_POISON, "1", message)
    assert {name: fleet.output(name) for name in fleet.outputs()} == before
    assert records.look() == {}
    if what == "scored":
        undisturbed.expect(fleet, "day", DATA, etag, 0)


@pytest.mark.parametrize("content", [b"{}", b'{"error": {}, "model_version": "v2"}', b"[", b"\xff"])
def test_a_summary_that_was_changed_by_hand_is_replaced(
    app_here: AppHere, fleet: Fleet, records: Any, content: bytes
) -> None:
    etag = fleet.drop("day.csv", DATA)
    source = pinned(app_here, "day.csv")
    publish_failure(app_here.service, source, "v2", TelemetryFileError("No header."))
    summary = app_here.service.get_blob_client("predictions", f"{fleet.folder}/day.summary.json")
    stamp = summary.get_blob_properties().metadata
    summary.upload_blob(content, overwrite=True, metadata=stamp)
    give_up(app_here.service, BLOB_POISON, "1", blob_message(f"{fleet.folder}/day.csv", etag))
    assert fleet.summary("day", etag, 0)["error"]["code"] == "run_failed"
    assert len(records.look()) == 1


def test_a_result_published_meanwhile_stays(
    app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed, records: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The summary is written on the conditions of every output, not on what was seen before."""
    etag = fleet.drop("day.csv", DATA)
    app_here.arrive("day.csv")
    monkeypatch.setattr("functions.batch.give_up.is_scored", lambda *_: False)
    give_up(app_here.service, BLOB_POISON, "1", blob_message(f"{fleet.folder}/day.csv", etag))
    undisturbed.expect(fleet, "day", DATA, etag, 0)
    assert records.look() == {}


def test_the_record_is_there_although_no_summary_can_be_left(
    app_here: AppHere,
    fleet: Fleet,
    records: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    etag = fleet.drop("day.csv", DATA)

    def refuse(*_: object, **__: object) -> None:
        raise PublishError("The account is full.")

    monkeypatch.setattr("functions.batch.give_up.publish_failure", refuse)
    give_up(app_here.service, BLOB_POISON, "1", blob_message(f"{fleet.folder}/day.csv", etag))
    assert len(records.look()) == 1
    assert fleet.outputs() == []
    assert "The account is full." in caplog.text


def test_without_a_record_nothing_is_given_up(
    app_here: AppHere, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fails then, and the host brings the message again."""
    etag = fleet.drop("day.csv", DATA)

    def refuse(*_: object, **__: object) -> None:
        raise HttpResponseError("No role.")

    monkeypatch.setattr("azure.storage.blob.BlobClient.upload_blob", refuse)
    with pytest.raises(HttpResponseError):
        give_up(app_here.service, BLOB_POISON, "1", blob_message(f"{fleet.folder}/day.csv", etag))
    assert fleet.outputs() == []
