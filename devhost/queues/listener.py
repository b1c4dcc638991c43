"""Take messages from a storage queue, one function call each: lease, renew, delete, retry, poison.

The rules are the Functions host's (``QueueListener``, ``QueueProcessor``): a message is invisible while its
function runs and its lease is renewed meanwhile; a success deletes it; a failure makes it visible again until
it was dequeued ``max_dequeue`` times, then it is copied to the poison queue. What cannot be decoded goes
there at once, untried. A worker that is killed loses nothing: the supervisor gives back what it held
(:mod:`devhost.queues.held_messages`), and without the supervisor the leases run out.

A poison queue has none of its own. What fails there, or cannot be decoded, is left as it is: invisible until
the lease is over, and after ``max_dequeue`` tries no function is called for it any more.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.queue import QueueClient, QueueMessage

from devhost.queues.held_messages import HeldMessage, Notes
from devhost.storage import ensure_queue, first_line

log = logging.getLogger("Host.Queues")

_FIRST_PAUSE = 0.1
"""Seconds between looks at a queue that has just become empty; doubles up to the rule's ``max_pause``."""


@dataclass(frozen=True)
class QueueRules:
    """How a queue is read."""

    slots: int
    """Most calls in progress."""
    batch: int
    """Most messages taken at a time."""
    refill_at: int
    """Running calls at or below which the next batch is taken."""
    max_dequeue: int
    """Tries before a message is poison."""
    lease: float
    """Seconds a taken message is invisible; renewed at a third of it."""
    retry_delay: float = 0.0
    """Seconds before a failed message is visible again."""
    max_pause: float = 1.0
    """Longest pause between looks at an empty queue, seconds."""


@dataclass(frozen=True)
class Holder:
    """Notes which messages of one queue are in work."""

    notes: Notes
    connection: str
    """App setting of the queue's account."""

    def hold(self, queue: str, message: QueueMessage, delay: float) -> None:
        """Note a message's receipt, and how long it is to wait when its worker dies."""
        self.notes.write(
            HeldMessage(self.connection, queue, str(message.id), str(message.pop_receipt), delay)
        )

    def let_go(self, queue: str, message: QueueMessage) -> None:
        """Note that a message is held no more."""
        self.notes.write(HeldMessage(self.connection, queue, str(message.id), "", 0))


@dataclass
class _Running:
    """A message in work: its current pop receipt changes with every renewal."""

    message: QueueMessage
    renewed: float
    lock: threading.Lock = field(default_factory=threading.Lock)
    finished: bool = False


class QueueListener:
    """Reads one queue until told to stop."""

    def __init__(
        self,
        queue: QueueClient,
        poison: QueueClient | None,
        rules: QueueRules,
        handle: Callable[[QueueMessage], bool],
        holder: Holder,
        readable: Callable[[QueueMessage], bool] = lambda _: True,
    ) -> None:
        """Set up a listener.

        Parameters
        ----------
        queue, poison : QueueClient
            Where messages come from, and where those go that fail too often; None for a poison queue.
        rules : QueueRules
            Batch, tries, lease.
        handle : callable
            Called with each message on a thread of the listener; True means done, False means try again.
        holder : Holder
            Told which messages are in work.
        readable : callable
            Whether a message can be decoded; one that cannot is poison without a try.
        """
        self._queue = queue
        self._poison = poison
        self._rules = rules
        self._handle = handle
        self._holder = holder
        self._readable = readable
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._taking = False
        self._running: dict[int, _Running] = {}
        self._threads = ThreadPoolExecutor(rules.slots, thread_name_prefix=f"queue-{queue.queue_name}")

    def start(self) -> None:
        """Create the queue if absent, and begin reading it."""
        ensure_queue(self._queue)
        name = self._queue.queue_name
        threading.Thread(target=self._read, daemon=True, name=f"read-{name}").start()
        threading.Thread(target=self._renew, daemon=True, name=f"renew-{name}").start()

    def wake(self) -> None:
        """Look at the queue now: something was just put into it."""
        self._wake.set()

    def stop(self) -> None:
        """Take no more messages; those in work go on."""
        self._stopping.set()
        self._wake.set()

    @property
    def busy(self) -> bool:
        """Whether messages are being taken, worked on, or settled: a host that stops waits for that."""
        return self._taking or bool(self._running)

    def _read(self) -> None:
        pause = _FIRST_PAUSE
        while not self._stopping.is_set():
            if len(self._running) > self._rules.refill_at:
                self._wait(0.5)
                continue
            self._taking = True  # before the last look at whether to stop, so that who stops us sees it
            taken = not self._stopping.is_set() and self._take()
            self._taking = False
            if taken:
                pause = _FIRST_PAUSE
                continue
            self._wait(pause)
            pause = min(pause * 2, self._rules.max_pause)

    def _wait(self, seconds: float) -> None:
        self._wake.wait(seconds)
        self._wake.clear()

    def _take(self) -> bool:
        """Take a batch and start it; False if there was none."""
        wanted = min(self._rules.batch, self._rules.slots - len(self._running))
        try:
            messages = self._receive(wanted)
        except AzureError as error:
            log.warning(
                "queue %s cannot be read, trying again: %s", self._queue.queue_name, first_line(error)
            )
            self._stopping.wait(1.0)
            return False
        for message in messages:
            running = _Running(message, time.monotonic())
            self._running[id(running)] = running
            self._hold(message)
            self._threads.submit(self._work, running)
        return bool(messages)

    def _receive(self, wanted: int) -> list[QueueMessage]:
        try:
            return list(
                self._queue.receive_messages(
                    max_messages=wanted,
                    messages_per_page=wanted,
                    visibility_timeout=max(1, int(self._rules.lease)),
                )
            )
        except ResourceNotFoundError:
            ensure_queue(self._queue)
            return []

    def _work(self, running: _Running) -> None:
        message = running.message
        spent = (message.dequeue_count or 0) > self._rules.max_dequeue
        done = poisoned = False
        try:
            poisoned = not self._readable(message)
            done = not spent and not poisoned and self._handle(message)
        except Exception:
            log.exception("message %s of %s could not be handled", message.id, self._queue.queue_name)
        with running.lock:
            running.finished = True
        try:
            self._settle(message, done, poisoned)
        except ResourceNotFoundError:
            log.warning("message %s of %s was taken by another worker", message.id, self._queue.queue_name)
        except AzureError as error:
            log.warning("message %s stays in %s: %s", message.id, self._queue.queue_name, first_line(error))
        finally:
            self._holder.let_go(self._queue.queue_name, message)
            del self._running[id(running)]
            self._wake.set()

    def _hold(self, message: QueueMessage) -> None:
        """Note the message, to be given back if this worker dies: at once for the poison queue, or later."""
        if self._poison is not None:
            last = (message.dequeue_count or 0) >= self._rules.max_dequeue
            self._holder.hold(self._queue.queue_name, message, 0.0 if last else self._rules.retry_delay)

    def _settle(self, message: QueueMessage, done: bool, poisoned: bool) -> None:
        """Delete, give back, or poison a message after its call."""
        if done:
            self._queue.delete_message(message)
        elif self._poison is None:
            log.error("message %s stays in %s", message.id, self._queue.queue_name)
        elif not poisoned and (message.dequeue_count or 0) < self._rules.max_dequeue:
            self._queue.update_message(message, visibility_timeout=int(self._rules.retry_delay))
        else:
            name = self._poison.queue_name
            why = "cannot be decoded" if poisoned else f"failed {message.dequeue_count} times"
            ensure_queue(self._poison)
            self._poison.send_message(message.content)
            self._queue.delete_message(message)
            log.error("message %s %s: moved to queue %s", message.id, why, name)

    def _renew(self) -> None:
        """Keep messages in work invisible."""
        third = max(0.2, self._rules.lease / 3)
        while not self._stopping.is_set() or self._running:
            time.sleep(min(third / 2, 1.0))
            for running in list(self._running.values()):
                if time.monotonic() - running.renewed < third:
                    continue
                with running.lock:
                    if running.finished:
                        continue
                    try:
                        renewed = self._queue.update_message(
                            running.message, visibility_timeout=max(1, int(self._rules.lease))
                        )
                        running.message.pop_receipt = renewed.pop_receipt
                        running.renewed = time.monotonic()
                        self._hold(running.message)
                    except AzureError as error:
                        running.renewed = time.monotonic()
                        log.warning(
                            "lease of message %s not renewed: %s", running.message.id, first_line(error)
                        )
