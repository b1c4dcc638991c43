"""Which messages the workers hold, so that those of a worker that died come again as the host sees to it.

On Azure the host takes the messages and the worker only runs the function: when a worker dies, the host sees
the invocation fail and releases the message, at once or after ``visibilityTimeout``; when the host dies, too,
the message is invisible until its ten minutes are over. In devhost the worker takes the messages and the
supervisor outlives it. So each worker tells the supervisor, by a pipe, what it holds, and the supervisor
gives that back when the worker has died.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class HeldMessage:
    """A message in work."""

    connection: str
    """App setting of the queue's account."""
    queue: str
    id: str
    pop_receipt: str
    """Changes with every renewal of the lease; "" when the message is held no more."""
    delay: float
    """Seconds until it is visible again when its worker dies."""


class Notes:
    """A worker's end of the pipe."""

    def __init__(self, pipe: int) -> None:
        """Parameters: the pipe's file descriptor."""
        self._pipe = pipe

    def write(self, message: HeldMessage) -> None:
        """Note that a message is held, by which receipt; or, without a receipt, that it is no more."""
        line = json.dumps(asdict(message)) + "\n"
        with suppress(BrokenPipeError):  # the supervisor is gone, and the leases are left
            os.write(self._pipe, line.encode())  # shorter than PIPE_BUF: written whole, or not at all


class Ledger:
    """The supervisor's end of one worker's pipe."""

    def __init__(self, pipe: int) -> None:
        """Parameters: the pipe's file descriptor, which is closed when the worker is done with."""
        os.set_blocking(pipe, False)
        self._pipe = pipe
        self._rest = b""
        self._held: dict[tuple[str, str, str], HeldMessage] = {}

    def read(self) -> None:
        """Take in what was noted since the last time."""
        try:
            while found := os.read(self._pipe, 65_536):
                *lines, self._rest = (self._rest + found).split(b"\n")
                for line in lines:
                    message = HeldMessage(**json.loads(line))
                    key = (message.connection, message.queue, message.id)
                    self._held.pop(key, None)
                    if message.pop_receipt:
                        self._held[key] = message
        except BlockingIOError:
            return

    def close(self) -> list[HeldMessage]:
        """Read to the end, close the pipe, and return what a dead worker held."""
        self.read()
        os.close(self._pipe)
        return list(self._held.values())


def release(messages: Iterable[HeldMessage]) -> None:
    """Make messages visible again, each after its delay, and say so."""
    # Only now, and not when devhost starts: they take half a second, and most workers never die.
    from azure.core.exceptions import AzureError

    from devhost.storage import first_line, queue_service

    for message in messages:
        queue = queue_service(message.connection, message.queue).get_queue_client(message.queue)
        when = f"in {message.delay:g} s" if message.delay else "at once"
        try:
            queue.update_message(message.id, message.pop_receipt, visibility_timeout=int(message.delay))
            print(f"devhost: message {message.id} of {message.queue} comes again {when}", flush=True)
        except AzureError as error:
            if getattr(error, "error_code", None) in ("MessageNotFound", "PopReceiptMismatch"):
                continue  # it was done, or taken by another: the worker died before it noted that
            print(
                f"devhost: message {message.id} of {message.queue} comes again when its lease is over: "
                f"it cannot be given back ({first_line(error)})",
                flush=True,
            )
