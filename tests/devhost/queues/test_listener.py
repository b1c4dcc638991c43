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
    azurite: RunningAzurite,
    name: str,
    lease: float,
    handle: Callable[[Any], bool],
    *,
    poison: bool = False,
    readable: bool = True,
) -> tuple[QueueListener, QueueClient, Ledger]:
    """Start a listener on a queue of its own; a poison queue has none."""
    queue = azurite.queues.get_queue_client(name)
    rules = QueueRules(slots=1, batch=1, refill_at=0, max_dequeue=5, lease=lease)
    read, write = os.pipe()
    holder = Holder(Notes(write), HOST_CONNECTION)
    listener = QueueListener(queue, None if poison else queue, rules, handle, holder, lambda _: readable)
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


def test_what_fails_on_a_poison_queue_is_left_to_its_lease(azurite: RunningAzurite) -> None:
    """As QueueProcessor does without a poison queue: five tries, none of them at once, and then no more."""
    counts: list[int] = []

    def handle(message: Any) -> bool:
        counts.append(message.dequeue_count)
        return False

    listener, queue, ledger = listening(azurite, "left-poison", 1, handle, poison=True)
    queue.send_message("one")
    began = time.monotonic()
    wait_until(lambda: len(counts) == 5, 60, "five tries")
    assert time.monotonic() - began > 3.5
    time.sleep(2.5)
    assert counts == [1, 2, 3, 4, 5]
    listener.stop()
    wait_until(lambda: not listener.busy, what="the end")
    assert queue.get_queue_properties().approximate_message_count == 1
    assert ledger.close() == [], "nothing is given back for a worker that dies"


def test_what_cannot_be_decoded_stays_in_a_poison_queue(azurite: RunningAzurite) -> None:
    called = threading.Event()

    def handle(_: Any) -> bool:
        called.set()
        return True

    listener, queue, _ = listening(azurite, "unread-poison", 1, handle, poison=True, readable=False)
    queue.send_message("one")
    wait_until(lambda: listener.busy, what="a look at it")
    time.sleep(1.5)
    listener.stop()
    assert not called.is_set()
    assert queue.get_queue_properties().approximate_message_count == 1
