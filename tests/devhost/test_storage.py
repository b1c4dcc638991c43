"""What devhost says when storage refuses or does not answer."""

import re

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
    for named in ("`npx azurite`", "--no-azurite", "AzureWebJobsStorage"):
        assert named in output


def test_what_storage_does_not_take(azurite: RunningAzurite) -> None:
    with pytest.raises(HttpResponseError) as raised:
        azurite.queues.get_queue_client("a").create_queue()
    at = f"http://127.0.0.1:{azurite.at.queue}/devstoreaccount1/a"
    assert re.search(rf"\b400 \(OutOfRangeInput\).* PUT {re.escape(at)}$", explain(raised.value))


def test_what_is_no_connection_string(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AzureWebJobsStorage", "nonsense")
    for service in (blob_service, queue_service):
        with pytest.raises(DevhostError, match=r"^score: .*AzureWebJobsStorage"):
            service("AzureWebJobsStorage", "score")
