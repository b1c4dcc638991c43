"""A listener that is stopped, and what it notes of its messages."""

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from azure.storage.queue import QueueClient

from devhost.app_settings import HOST_CONNECTION
from devhost.queues.held_messages import Ledger, Notes, release
from devhost.queues.listener import Holder, QueueListener, QueueRules
from tests.support.running_app import RunningAzurite
from tests.support.waiting import wait_until


def listening(
    azurite: RunningAzurite, name: str, lease: float, handle: Callable[[object], bool]
) -> tuple[QueueListener, QueueClient, Ledger]:
    """Start a listener on a queue of its own."""
    queue = azurite.queues.get_queue_client(name)
    rules = QueueRules(slots=1, batch=1, refill_at=0, max_dequeue=5, lease=lease)
    read, write = os.pipe()
    listener = QueueListener(queue, queue, rules, handle, Holder(Notes(write), HOST_CONNECTION))
    listener.start()
    return listener, queue, Ledger(read)


def test_a_listener_is_busy_until_its_message_is_settled(
    azurite: RunningAzurite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a message that is done waits for its lease, ten minutes, and is done again."""
    delete = QueueClient.delete_message

    def slowly(self: QueueClient, *arguments: Any, **more: Any) -> None:
        time.sleep(0.7)
        delete(self, *arguments, **more)

    monkeypatch.setattr(QueueClient, "delete_message", slowly)
    begun, release = threading.Event(), threading.Event()

    def handle(_: object) -> bool:
        begun.set()
        return release.wait(20)

    listener, queue, ledger = listening(azurite, "settled", 600, handle)
    queue.send_message("one")
    assert begun.wait(20)
    listener.stop()
    assert listener.busy
    release.set()
    wait_until(lambda: not listener.busy, what="the end")
    assert queue.get_queue_properties().approximate_message_count == 0
    assert ledger.close() == []


def test_the_receipt_of_a_renewed_lease_is_noted(
    azurite: RunningAzurite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With it the message is given back; those before are worth nothing."""
    monkeypatch.setenv(HOST_CONNECTION, azurite.connection_string)
    ended = threading.Event()
    listener, queue, ledger = listening(azurite, "renewed", 20, lambda _: ended.wait(60))
    sent = queue.send_message("one")
    seen = set()

    def renewed() -> bool:
        with suppress(KeyError):
            ledger.read()
            seen.add(ledger._held[HOST_CONNECTION, "renewed", sent.id].pop_receipt)
        return len(seen) == 2

    wait_until(renewed, 30, "the renewal")
    listener.stop()
    release(ledger.close())
    (found,) = queue.receive_messages(visibility_timeout=600)
    assert (found.id, found.dequeue_count) == (sent.id, 2)
    ended.set()
    wait_until(lambda: not listener.busy, what="the end")
