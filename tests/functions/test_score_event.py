"""Files announced in the queue telemetry-events, put there by hand exactly as Event Grid puts them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from functions.storage.containers import GIVEN_UP
from tests.conftest import RunApp
from tests.functions.blueprints.test_batch import ROWS
from tests.functions.conftest import Fleet
from tests.support.drives import row, table
from tests.support.running_app import PROJECT, RunningApp, RunningAzurite
from tests.support.waiting import wait_until

QUEUE = "telemetry-events"
ACCOUNT = "devstoreaccount1"


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAzurite]:
    """An account apart, whose app cannot be called: the blob trigger waits for a web-hook nobody posts to."""
    running = RunningAzurite(tmp_path_factory.mktemp("azurite-events"))
    for name in ("telemetry", "predictions", "runs", "history", "other"):
        running.blobs.create_container(name)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def private_app(
    run_app: RunApp, account: RunningAzurite, small_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningApp]:
    """The app, with retries that a test can wait for."""
    folder = tmp_path_factory.mktemp("private-app")
    for name in ("function_app.py", "functions"):
        (folder / name).symlink_to(PROJECT / name)
    host = json.loads((PROJECT / "host.json").read_text())
    host["extensions"]["queues"]["visibilityTimeout"] = "00:00:00"
    (folder / "host.json").write_text(json.dumps(host))
    settings = {
        "MODELS_FOLDER": str(small_models),
        "RANGE_BYTES": "20000",
        "AzureFunctionsWebHost__hostid": "functions-tests-events",
    }
    options = ("--no-azurite", "--no-blob-watch")
    with run_app(
        folder, connection_string=account.connection_string, settings=settings, options=options
    ) as running:
        yield running


@pytest.fixture
def fleet(private_app: RunningApp, account: RunningAzurite) -> Fleet:
    return Fleet(account.blobs)


def announce(
    account: RunningAzurite,
    path: str,
    *,
    container: str = "telemetry",
    kind: str = "BlobCreated",
    etag: str = "0x8D4BCC2E4835CD0",
    subject: str = "",
) -> None:
    """Put one event on the queue: JSON in base64, which is what Event Grid sends there."""
    event = {
        "topic": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a",
        "subject": f"/blobServices/default/containers/{container}/blobs/{subject or path}",
        "eventType": f"Microsoft.Storage.{kind}",
        "id": "831e1650-001e-001b-66ab-eeb76e069631",
        "data": {
            "api": "PutBlob",
            "eTag": etag.strip('"'),
            "url": f"http://127.0.0.1/{ACCOUNT}/{container}/{quote(path)}",
        },
        "dataVersion": "",
        "metadataVersion": "1",
        "eventTime": "2026-01-01T00:00:00Z",
    }
    put(account, base64.b64encode(json.dumps(event).encode()).decode())


def put(account: RunningAzurite, text: str) -> None:
    account.queues.get_queue_client(QUEUE).send_message(text)


def test_an_announced_file_is_scored(fleet: Fleet, account: RunningAzurite) -> None:
    etag = fleet.drop("site 1/50% ü.csv", table(ROWS))
    announce(account, f"{fleet.folder}/site 1/50% ü.csv")
    told = fleet.summary("site 1/50% ü", etag)
    assert told["lines"] == {"data": 4, "accepted": 2, "rejected": 2}


def test_a_file_whose_subject_lost_an_emoji_is_scored(fleet: Fleet, account: RunningAzurite) -> None:
    """Event Grid writes U+FFFD for each half of a character beyond the basic plane; the URL is right."""
    etag = fleet.drop("site\U0001f48e.csv", table(ROWS))
    announce(account, f"{fleet.folder}/site\U0001f48e.csv", subject=f"{fleet.folder}/site\ufffd\ufffd.csv")
    assert fleet.summary("site\U0001f48e", etag)["lines"] == {"data": 4, "accepted": 2, "rejected": 2}


def test_a_file_announced_both_ways_is_scored_once(app: RunningApp, azurite: RunningAzurite) -> None:
    """By the session's app, whose blob trigger finds the file by itself."""
    fleet = Fleet(azurite.blobs)
    etag = fleet.drop("day.csv", table(ROWS))
    fleet.summary("day", etag)
    before = {name: (fleet.output(name), fleet.metadata(name)) for name in fleet.outputs()}
    announce(azurite, f"{fleet.folder}/day.csv")
    app.wait_for(rf"score_event.*{fleet.folder}/day\.csv: .* has been scored by v2 already")
    assert {name: (fleet.output(name), fleet.metadata(name)) for name in fleet.outputs()} == before


def test_a_large_file_is_scored_in_ranges(
    fleet: Fleet, account: RunningAzurite, private_app: RunningApp
) -> None:
    etag = fleet.drop("big.csv", table([row(f"S{number}") for number in range(2_000)]))
    announce(account, f"{fleet.folder}/big.csv")
    assert fleet.summary("big", etag, 60)["lines"]["accepted"] == 2_000
    private_app.wait_for(rf"{fleet.folder}/big\.csv: \d+ ranges to score")


def test_what_is_no_new_telemetry_is_left_alone(
    fleet: Fleet, account: RunningAzurite, private_app: RunningApp
) -> None:
    name = f"{fleet.folder}/day.csv"
    fleet.drop("day.csv", table(ROWS))
    announce(account, name, kind="BlobDeleted")
    private_app.wait_for("event Microsoft.Storage.BlobDeleted is left alone")
    announce(account, name, container="other")
    private_app.wait_for(f"other/{name} is left alone: only files in telemetry are scored")
    announce(account, f"{fleet.folder}/notes.txt")
    private_app.wait_for(f"{fleet.folder}/notes.txt is left alone: ")
    announce(account, f"{fleet.folder}/gone.csv")
    private_app.wait_for(f"{fleet.folder}/gone.csv: stopped: .*gone.csv")
    assert fleet.outputs() == []


@pytest.mark.parametrize("body", [b'{"name": "day.csv"}', b"not JSON"])
def test_a_message_of_somebody_elses_is_given_up(
    body: bytes, account: RunningAzurite, private_app: RunningApp
) -> None:
    put(account, base64.b64encode(body).decode())
    container = account.blobs.get_container_client(GIVEN_UP)

    def found() -> bool:
        names = list(container.list_blob_names(name_starts_with="message-")) if container.exists() else []
        texts = [json.loads(container.download_blob(name).readall())["message"] for name in names]
        return body.decode() in texts

    wait_until(found, what="the record of the message")
    private_app.wait_for("A message that announces a file cannot be read")
