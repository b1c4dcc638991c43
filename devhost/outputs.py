"""Output bindings: messages to queues, blobs to containers."""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from devhost.app_settings import HOST_CONNECTION, expand
from devhost.errors import DevhostError
from devhost.host_config import HostConfig
from devhost.runtime import Function, JsonInput
from devhost.storage import blob_service, ensure_container, ensure_queue, queue_service


class Outputs:
    """Writes what functions put into their ``queue`` and ``blob`` output bindings."""

    def __init__(self, config: HostConfig) -> None:
        """Parameters: host.json, for the encoding of queue messages."""
        self._base64 = config.queue_base64
        self._listeners: dict[str, list[Callable[[], None]]] = {}

    def watch(self, queue: str, wake: Callable[[], None]) -> None:
        """Have a listener told when something was put into its queue here.

        The host does the same (SharedQueueWatcher): who reads a queue in the process that writes to it does
        not wait for the next look.
        """
        self._listeners.setdefault(queue, []).append(wake)

    def write(
        self, function: Function, outputs: Mapping[str, Any], metadata: Mapping[str, str | JsonInput]
    ) -> None:
        """Write the outputs of one invocation.

        Parameters
        ----------
        function : Function
            Whose bindings say where to.
        metadata : mapping
            Trigger metadata, for placeholders in blob paths.

        Raises
        ------
        DevhostError
            If a setting or placeholder is missing.
        azure.core.exceptions.AzureError
            If storage refuses.
        """
        bindings = {str(binding["name"]): binding for binding in function.bindings}
        for name, datum in outputs.items():
            binding = bindings[name]
            connection = str(binding.get("connection") or HOST_CONNECTION)
            if binding["type"] == "queue":
                self._send(connection, expand(str(binding["queueName"]), function.name), datum)
            elif binding["type"] == "blob":
                _upload(connection, _fill(expand(str(binding["path"]), function.name), metadata), datum)

    def _send(self, connection: str, name: str, datum: Any) -> None:
        queue = queue_service(connection, "queue output").get_queue_client(name)
        ensure_queue(queue)
        for body in _messages(datum):
            queue.send_message(base64.b64encode(body).decode() if self._base64 else body.decode())
            for wake in self._listeners.get(name, ()):
                wake()


def _messages(datum: Any) -> list[bytes]:
    """Split a value into messages: a JSON array is one message per element."""
    if datum.type != "json":
        return [_bytes(datum.value)]
    found = json.loads(datum.value)
    items = found if isinstance(found, list) else [found]
    return [_bytes(item if isinstance(item, str) else json.dumps(item)) for item in items]


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _fill(path: str, metadata: Mapping[str, str | JsonInput]) -> str:
    known = {name.lower(): value for name, value in metadata.items()}  # the host looks without regard to case

    def value(match: re.Match[str]) -> str:
        if match[1].lower() == "rand-guid":
            return str(uuid.uuid4())
        found = known.get(match[1].lower())
        if not isinstance(found, str):
            raise DevhostError(f"blob output path {path!r}: nothing known as {match[0]}")
        return found

    return re.sub(r"\{([\w-]+)\}", value, path)


def _upload(connection: str, path: str, datum: Any) -> None:
    container, _, blob = path.partition("/")
    client = blob_service(connection, "blob output").get_container_client(container)
    ensure_container(client)
    client.upload_blob(blob, _bytes(datum.value), overwrite=True)
