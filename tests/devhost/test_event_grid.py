"""Event Grid's webhook; no watcher runs here, so what is delivered came by an event."""

import json
from collections.abc import Iterator

import httpx
import pytest

from devhost.storage import ensure_container
from tests.conftest import RunApp
from tests.devhost.conftest import EVERY_TRIGGER, Calls, own_settings
from tests.support.running_app import RunningApp, RunningAzurite

FUNCTION = "Host.Functions.on_client"


@pytest.fixture(scope="module")
def unwatched(run_app: RunApp, azurite: RunningAzurite) -> Iterator[RunningApp]:
    host = azurite.blobs.get_container_client("azure-webjobs-hosts")
    ensure_container(host)
    missed = {"Last": "2020-01-01T00:00:00+00:00", "Next": "2021-01-01T00:00:00+00:00"}
    host.upload_blob("timers/grid-host/Host.Functions.on_new_year/status", json.dumps(missed), overwrite=True)
    options = ("--no-azurite", "--no-blob-watch")
    with run_app(EVERY_TRIGGER, settings=own_settings("grid"), options=options) as running:
        yield running


@pytest.fixture
def grid_calls(azurite: RunningAzurite) -> Calls:
    return Calls(azurite, "grid-calls")


def post(app: RunningApp, body: object, function: str = FUNCTION) -> httpx.Response:
    url = f"{app.base_url}/runtime/webhooks/blobs"
    return httpx.post(url, params={"functionName": function, "code": "any"}, json=body)


def created(blob: str, kind: str = "Microsoft.Storage.BlobCreated") -> dict[str, object]:
    return {
        "id": "1",
        "eventType": kind,
        "subject": f"/blobServices/default/containers/grid-incoming/blobs/{blob}",
        "data": {
            "api": "PutBlob",
            "eTag": "0x1",
            "url": f"https://a.blob.core.windows.net/grid-incoming/{blob}",
        },
        "dataVersion": "",
    }


def test_the_handshake_gives_the_code_back(unwatched: RunningApp) -> None:
    event = {
        "id": "1",
        "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
        "data": {"validationCode": "512d38b6", "validationUrl": "https://example.com"},
    }
    answer = post(unwatched, [event])
    assert answer.status_code == 200
    assert answer.json() == {"validationResponse": "512d38b6"}


def test_the_handshake_of_cloud_events(unwatched: RunningApp) -> None:
    url = f"{unwatched.base_url}/runtime/webhooks/blobs?functionName={FUNCTION}"
    answer = httpx.options(url, headers={"WebHook-Request-Origin": "eventgrid.azure.net"})
    assert answer.headers["webhook-allowed-origin"] == "eventgrid.azure.net"


def test_an_event_delivers_its_blob_each_time_it_comes(
    unwatched: RunningApp, azurite: RunningAzurite, grid_calls: Calls
) -> None:
    container = azurite.blobs.get_container_client("grid-incoming")
    container.upload_blob("day/a b.csv", b"by event")
    assert grid_calls.settled("on_client", 0, name="day/a b.csv") == []
    for _ in range(2):  # Event Grid delivers at least once, and the host has no receipts for events
        assert post(unwatched, [created("day/a b.csv")]).status_code == 202
    assert len(grid_calls.settled("on_client", 2, name="day/a b.csv")) == 2


def test_a_cloud_event_delivers_its_blob(
    unwatched: RunningApp, azurite: RunningAzurite, grid_calls: Calls
) -> None:
    azurite.blobs.get_container_client("grid-incoming").upload_blob("cloud.csv", b"by cloud event")
    event = {
        "specversion": "1.0",
        "type": "Microsoft.Storage.BlobCreated",
        "subject": "/blobServices/default/containers/grid-incoming/blobs/cloud.csv",
        "data": {},
    }
    assert post(unwatched, event).status_code == 202
    assert len(grid_calls.settled("on_client", 1, name="cloud.csv")) == 1


@pytest.mark.parametrize(
    "event",
    [
        created("not-there.csv"),
        created("readme.txt"),
        created("gone.csv", "Microsoft.Storage.BlobDeleted"),
        {"eventType": "Microsoft.Storage.BlobCreated", "subject": "nonsense", "data": None},
    ],
)
def test_events_that_are_not_ours_are_passed_over(unwatched: RunningApp, event: dict[str, object]) -> None:
    assert post(unwatched, [event]).status_code == 202


def test_an_unknown_function_is_said(unwatched: RunningApp) -> None:
    answer = post(unwatched, [created("a.csv")], "Host.Functions.nonesuch")
    assert answer.status_code == 404
    assert FUNCTION in answer.text


@pytest.mark.parametrize("body", [["text"], 5, [None]])
def test_what_is_not_an_event_is_400(unwatched: RunningApp, body: object) -> None:
    assert post(unwatched, body).status_code == 400


def test_a_missed_timer_is_made_up_for_at_the_start(
    unwatched: RunningApp, azurite: RunningAzurite, grid_calls: Calls
) -> None:
    (call,) = grid_calls.settled("on_new_year", 1)
    assert call["past_due"] is True
    assert call["last"] == "2020-01-01T00:00:00+00:00"
    status = azurite.blobs.get_blob_client(
        "azure-webjobs-hosts", "timers/grid-host/Host.Functions.on_new_year/status"
    )
    stored = json.loads(status.download_blob().readall())
    assert stored["Next"].endswith("-01-01T00:00:00+00:00")
    assert stored["Last"] > "2021"
