"""What devhost says when storage refuses or does not answer."""

import pytest
from azure.core.exceptions import AzureError, HttpResponseError
from azure.storage.queue import QueueClient

from devhost import azurite as emulator
from devhost.errors import DevhostError
from devhost.storage import blob_service, explain, queue_service
from tests.support.running_app import RunningAzurite, free_ports


def test_a_storage_that_does_not_answer() -> None:
    nowhere = emulator.connection_string(*free_ports(3))
    with pytest.raises(AzureError) as raised:
        QueueClient.from_connection_string(nowhere, "orders", retry_total=0).create_queue()
    output = explain(raised.value)
    assert output.startswith("storage does not answer (")
    assert output.endswith(
        "): start Azurite with `npx azurite` or leave out --no-azurite, "
        "or correct the app setting AzureWebJobsStorage"
    )


def test_what_storage_does_not_take(azurite: RunningAzurite) -> None:
    with pytest.raises(HttpResponseError) as raised:
        azurite.queues.get_queue_client("a").create_queue()
    at = f"http://127.0.0.1:{azurite.at.queue}/devstoreaccount1/a"
    assert explain(raised.value) == f"storage answers 400 (OutOfRangeInput) to PUT {at}"


def test_what_is_no_connection_string(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AzureWebJobsStorage", "nonsense")
    for service in (blob_service, queue_service):
        with pytest.raises(
            DevhostError, match=r"^score: app setting AzureWebJobsStorage is no storage connection"
        ):
            service("AzureWebJobsStorage", "score")
