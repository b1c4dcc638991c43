"""Event Grid's webhook; no watcher runs here, so what is delivered came by an event."""

import json
from collections.abc import Iterator
from urllib.parse import quote

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


def post(
    app: RunningApp, body: object, function: str = FUNCTION, kind: str | None = "Notification"
) -> httpx.Response:
    url = f"{app.base_url}/runtime/webhooks/blobs"
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": "application/json"} | ({"aeg-event-type": kind} if kind else {})
    return httpx.post(url, params={"functionName": function}, content=content, headers=headers)


def created(blob: str, **data: object) -> dict[str, object]:
    """An event as Event Grid sends it; the storage extension reads its data alone."""
    given = {
        "api": "PutBlob",
        "eTag": "0x1",
        "blobType": "BlockBlob",
        "url": f"https://a.blob.core.windows.net/grid-incoming/{quote(blob)}",
    }
    return {
        "id": "1",
        "eventType": "Microsoft.Storage.BlobCreated",
        "subject": f"/blobServices/default/containers/grid-incoming/blobs/{blob}",
        "data": {name: value for name, value in (given | data).items() if value is not None},
        "dataVersion": "",
    }


def test_the_handshake_of_an_event_that_holds_its_data_as_a_text(unwatched: RunningApp) -> None:
    event = {"data": json.dumps({"validationCode": "c"})}
    assert post(unwatched, event, kind="subscriptionvalidation").json() == {"validationResponse": "c"}


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("eventgrid.azure.us", "eventgrid.azure.us"),
        ("example.org", "eventgrid.azure.net"),
        (None, "eventgrid.azure.net"),
    ],
)
def test_the_handshake_of_cloud_events(unwatched: RunningApp, origin: str | None, allowed: str) -> None:
    url = f"{unwatched.base_url}/runtime/webhooks/blobs?functionName={FUNCTION}"
    answer = httpx.options(url, headers={"WebHook-Request-Origin": origin} if origin else {})
    assert answer.headers["webhook-allowed-origin"] == allowed


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
        "data": created("cloud.csv")["data"],
    }
    assert post(unwatched, event).status_code == 202
    assert len(grid_calls.settled("on_client", 1, name="cloud.csv")) == 1


def test_the_flush_of_a_data_lake_delivers_its_blob(
    unwatched: RunningApp, azurite: RunningAzurite, grid_calls: Calls
) -> None:
    """A subject that lost an emoji does no harm: the extension reads the URL."""
    azurite.blobs.get_container_client("grid-incoming").upload_blob("lake\U0001f48e.csv", b"by a flush")
    url = f"https://a.dfs.core.windows.net/grid-incoming/{quote('lake\U0001f48e.csv')}"
    event = created("lake\ufffd\ufffd.csv", api="FlushWithClose", contentOffset=0, url=url)
    assert post(unwatched, [event]).status_code == 202
    assert len(grid_calls.settled("on_client", 1, name="lake\U0001f48e.csv")) == 1


def test_the_emulators_urls_begin_with_the_account(
    unwatched: RunningApp, azurite: RunningAzurite, grid_calls: Calls
) -> None:
    client = azurite.blobs.get_container_client("grid-incoming").upload_blob("emulated.csv", b"")
    assert "/devstoreaccount1/" in client.url
    assert post(unwatched, [created("", url=client.url)]).status_code == 202
    assert len(grid_calls.settled("on_client", 1, name="emulated.csv")) == 1


@pytest.mark.parametrize("event", [created("not-there.csv"), created("readme.txt"), created("")])
def test_events_that_are_not_ours_are_passed_over(unwatched: RunningApp, event: dict[str, object]) -> None:
    assert post(unwatched, [event]).status_code == 202


def test_events_for_a_function_there_is_not_are_taken_and_told_in_the_log(unwatched: RunningApp) -> None:
    assert post(unwatched, [created("a.csv")], "Host.Functions.nonesuch").status_code == 202
    unwatched.wait_for(r"Host.Functions.nonesuch passed over: the blob functions are Host.Functions.on_")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        ["text"],
        5,
        [None],
        [{}],
        [created("a.csv", url=None)],
        [created("a.csv", url="a.csv")],
        [created("a.csv", eTag=None)],
        [created("a.csv", blobType=None)],
        [created("a.csv", blobType="OtherBlob")],
    ],
)
def test_what_the_extension_cannot_read_is_500(unwatched: RunningApp, body: object) -> None:
    answer = post(unwatched, body)
    assert (answer.status_code, answer.content) == (500, b"")


@pytest.mark.parametrize(("kind", "status"), [(None, 400), ("Other", 400), ("unsubscribe", 202)])
def test_other_kinds_of_events(unwatched: RunningApp, kind: str | None, status: int) -> None:
    assert post(unwatched, b"{", kind=kind).status_code == status


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
