"""Queue triggers: one listener per function, messages decoded as host.json says."""

from __future__ import annotations

import base64
import binascii
import json
import logging
import re
from datetime import datetime

from azure.storage.queue import QueueMessage

from devhost.app_settings import HOST_CONNECTION, expand
from devhost.host_config import HostConfig
from devhost.invocations import Invoker
from devhost.queues.held_messages import Notes
from devhost.queues.listener import Holder, QueueListener, QueueRules
from devhost.runtime import Function, JsonInput
from devhost.storage import queue_service

log = logging.getLogger("Host.Queues")

POISON = "-poison"
"""The host's addition to a queue's name for its poison queue."""


def queue_name(function: Function) -> str:
    """Name of the queue a function listens to, settings expanded."""
    return expand(str(function.trigger["queueName"]), function.name)


def make_listener(
    function: Function, invoker: Invoker, config: HostConfig, lease: float, notes: Notes
) -> QueueListener:
    """Build the listener of a queue-triggered function.

    Parameters
    ----------
    function : Function
        Its trigger is a ``queueTrigger``.
    config : HostConfig
        ``extensions.queues``.
    lease : float
        Seconds a message in work stays invisible when its host dies.
    notes : Notes
        Where the messages in work are noted.

    Raises
    ------
    DevhostError
        If an app setting of the binding is missing.
    """
    name = queue_name(function)
    connection = str(function.trigger.get("connection") or HOST_CONNECTION)
    service = queue_service(connection, function.name)
    rules = QueueRules(
        slots=config.queue_batch_size + config.queue_new_batch_threshold,
        batch=config.queue_batch_size,
        refill_at=config.queue_new_batch_threshold,
        max_dequeue=config.queue_max_dequeue_count,
        lease=lease,
        retry_delay=config.queue_visibility_timeout,
        max_pause=config.queue_max_polling_interval,
    )

    def handle(message: QueueMessage) -> bool:
        try:
            body = decode(message.content, config.queue_base64).decode()
        except UnicodeDecodeError:
            log.error(
                "message %s of %s: its bytes are not UTF-8: the function cannot be given it", message.id, name
            )
            return False
        inputs = {str(function.trigger["name"]): body}
        outcome = invoker.run(function, f"message {message.id} of {name}", inputs, metadata(message, body))
        return outcome.error is None

    def readable(message: QueueMessage) -> bool:
        try:
            decode(message.content, config.queue_base64)
        except ValueError as error:
            log.error("message %s of %s: %s", message.id, name, error)
            return False
        return True

    return QueueListener(
        service.get_queue_client(name),
        None if name.endswith(POISON) else service.get_queue_client(name + POISON),
        rules,
        handle,
        Holder(notes, connection),
        readable,
    )


def decode(content: str, is_base64: bool) -> bytes:
    """Turn a message's text on the wire into bytes, as .NET's ``Convert.FromBase64String`` does.

    Raises
    ------
    ValueError
        If host.json says base64 and the text is not base64.
    """
    if not is_base64:
        return content.encode()
    try:
        packed = re.sub(r"[ \t\r\n]", "", content)
        if len(packed) % 4:  # Python takes more padding than there has to be
            raise binascii.Error
        return base64.b64decode(packed, validate=True)
    except ValueError:  # binascii.Error is one, and so is text beyond ASCII
        raise ValueError(
            'not base64, as host.json extensions.queues.messageEncoding "base64" says; '
            'encode it, or set "none"'
        ) from None


def metadata(message: QueueMessage, body: str) -> dict[str, str | JsonInput]:
    """Build the trigger metadata of a queue message under the host's names."""
    found: dict[str, str | JsonInput] = {
        "QueueTrigger": body,
        "Id": str(message.id),
        "DequeueCount": JsonInput(json.dumps(message.dequeue_count or 1)),
        "PopReceipt": str(message.pop_receipt),
        "InsertionTime": _iso(message.inserted_on),
        "ExpirationTime": _iso(message.expires_on),
        "NextVisibleTime": _iso(message.next_visible_on),
    }
    return found


def _iso(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00") if moment else ""
