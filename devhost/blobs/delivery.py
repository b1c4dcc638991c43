"""From a blob version to a function call: receipt, message in the host's queue, and the call itself.

Names and shapes are the Functions host's: queue ``webjobs-blobtrigger-<hostid>``, poison queue
``webjobs-blobtrigger-poison``, messages base64 of JSON with FunctionId, BlobType, ContainerName, BlobName,
ETag.
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from azure.core import MatchConditions
from azure.core.exceptions import ResourceModifiedError, ResourceNotFoundError
from azure.storage.blob import BlobClient, BlobProperties, BlobServiceClient
from azure.storage.queue import QueueMessage

from devhost.app_settings import HOST_CONNECTION, expand
from devhost.blobs import path as blob_path
from devhost.blobs.receipts import BlobVersion, Claim, Receipts, host_id
from devhost.host_config import HostConfig
from devhost.invocations import Invoker
from devhost.queues.held_messages import Notes
from devhost.queues.listener import Holder, QueueListener, QueueRules
from devhost.runtime import BlobInput, Function, JsonInput, Value
from devhost.storage import HOST_CONTAINER, blob_service, ensure_container, queue_service

log = logging.getLogger("Host.Blobs")

POISON_QUEUE = "webjobs-blobtrigger-poison"
FUNCTION_PREFIX = "Host.Functions."
"""The host's prefix of a function's name in FunctionId."""


@dataclass(frozen=True)
class BlobFunction:
    """A blob-triggered function with its path and connection resolved."""

    function: Function
    path: blob_path.BlobPath
    connection: str

    @cached_property
    def service(self) -> BlobServiceClient:
        """The account that is watched."""
        return blob_service(self.connection, self.function.name)

    @property
    def source(self) -> str:
        """``EventGrid`` or ``LogsAndContainerScan``."""
        return str(self.function.trigger.get("source") or "LogsAndContainerScan")


def blob_functions(functions: Iterable[Function]) -> list[BlobFunction]:
    """Pick the blob-triggered functions.

    Raises
    ------
    DevhostError
        If a path is not valid or a setting in it is missing.
    """
    found = []
    for function in functions:
        trigger = function.trigger
        if trigger["type"] == "blobTrigger":
            path = blob_path.parse(expand(str(trigger["path"]), function.name), function.name)
            found.append(BlobFunction(function, path, str(trigger.get("connection") or HOST_CONNECTION)))
    return found


def parallel(degree: int) -> tuple[int, int]:
    """Return how many messages are taken at a time, and at how many running calls more are.

    Together they are ``maxDegreeOfParallelism``, as in ``BlobsOptionsToQueuesOptions`` of the extension.
    """
    batch = min(32, degree // 2 + 1)
    return batch, degree - batch


class BlobDelivery:
    """Delivers blob versions to functions, each once, through the host's queue."""

    def __init__(
        self,
        app: Path,
        functions: Iterable[BlobFunction],
        invoker: Invoker,
        config: HostConfig,
        *,
        lease: float,
        notes: Notes,
        watched: bool,
    ) -> None:
        """Set up delivery for an app.

        Parameters
        ----------
        app : Path
            Its folder; names the host in storage.
        functions : iterable of BlobFunction
            What can be delivered to.
        config : HostConfig
            ``extensions.blobs``.
        lease : float
            Seconds after which a message is taken by another when its whole host has died.
        notes : Notes
            Where the messages in work are noted.
        watched : bool
            Whether the containers are watched. If not, blobs arrive by events alone, as on Azure: each event
            is a call, however often it comes.
        """
        self.functions = {FUNCTION_PREFIX + item.function.name: item for item in functions}
        self._invoker = invoker
        self._watched = watched
        host = host_id(app)
        container = blob_service(HOST_CONNECTION, "blob trigger").get_container_client(HOST_CONTAINER)
        ensure_container(container)
        self.receipts = Receipts(container, host)
        service = queue_service(HOST_CONNECTION, "blob trigger")
        self._queue = service.get_queue_client(f"webjobs-blobtrigger-{host}")
        batch, refill_at = parallel(config.blob_max_degree_of_parallelism)
        # No retry_delay: host.json's queue settings do not hold for this queue, and its tries are not spaced.
        rules = QueueRules(
            slots=batch + refill_at,
            batch=batch,
            refill_at=refill_at,
            max_dequeue=config.poison_blob_threshold,
            lease=lease,
        )
        self.listener = QueueListener(
            self._queue,
            service.get_queue_client(POISON_QUEUE),
            rules,
            self._handle,
            Holder(notes, HOST_CONNECTION),
        )

    def deliver(self, target: BlobFunction, version: BlobVersion) -> bool:
        """Queue a version for a function unless that was done.

        False if another process is doing it at this moment and may yet fail: ask again.
        """
        if not self._watched:
            self._queue_up(target, version)
            return True
        claim = self.receipts.claim(target.function, version)
        if not isinstance(claim, Claim):
            return claim
        self._queue_up(target, version)
        self.receipts.complete(claim)
        return True

    def _queue_up(self, target: BlobFunction, version: BlobVersion) -> None:
        message = {
            "Type": "BlobTrigger",
            "FunctionId": FUNCTION_PREFIX + target.function.name,
            "BlobType": version.kind,
            "ContainerName": version.container,
            "BlobName": version.name,
            "ETag": f'"{version.etag}"',
        }
        self._queue.send_message(base64.b64encode(json.dumps(message).encode()).decode())
        self.listener.wake()

    def waiting(self) -> int:
        """Return about how many messages are in the host's queue; 0 before there is one."""
        try:
            return int(self._queue.get_queue_properties().approximate_message_count or 0)
        except ResourceNotFoundError:
            return 0

    def _handle(self, message: QueueMessage) -> bool:
        """Call the function a message names; True when the message is done with."""
        try:
            content = json.loads(base64.b64decode(message.content, validate=True))
            function_id = str(content["FunctionId"])
            container, name, etag = (str(content[key]) for key in ("ContainerName", "BlobName", "ETag"))
        except (ValueError, KeyError, TypeError):
            log.error("message %s is not a blob trigger message: %.200s", message.id, message.content)
            return False
        target = self.functions.get(function_id)
        if target is None:
            log.warning("message for %s dropped: the app has no such function", function_id)
            return True
        blob = target.service.get_blob_client(container, name)
        try:
            properties = blob.get_blob_properties()
        except ResourceNotFoundError:
            log.info("%s/%s was deleted before %s ran", container, name, target.function.name)
            return True
        current = BlobVersion.of(container, properties)
        if target.source != "EventGrid" and current.etag != etag.strip('"'):
            log.info("%s/%s was overwritten before %s ran", container, name, target.function.name)
            self.deliver(target, current)
            return True
        return self._call(target, blob, properties)

    def _call(self, target: BlobFunction, blob: BlobClient, properties: BlobProperties) -> bool:
        function = target.function
        container, name = blob.container_name, blob.blob_name
        parameter = str(function.trigger["name"])
        value: Value
        if parameter in function.deferred:
            value = BlobInput(target.connection, container, name)
        else:
            try:
                download = blob.download_blob(
                    etag=properties.etag, match_condition=MatchConditions.IfNotModified
                )
                value = download.readall()
            except (ResourceModifiedError, ResourceNotFoundError):
                return False  # overwritten or deleted just now: the next try finds out which
        found = metadata(blob, properties, target.path.match(name) or {})
        outcome = self._invoker.run(function, f"new blob {container}/{name}", {parameter: value}, found)
        return outcome.error is None


def metadata(
    blob: BlobClient, properties: BlobProperties, names: dict[str, str]
) -> dict[str, str | JsonInput]:
    """Build the trigger metadata of a blob under the host's names, with the path's placeholders."""
    modified = properties.last_modified
    described = {
        "LastModified": modified.isoformat(),
        "ContentLength": properties.size,
        "ContentType": properties.content_settings.content_type,
        "ContentEncoding": properties.content_settings.content_encoding,
        "ETag": properties.etag,
        "BlobType": 0,
    }
    return {
        **names,
        "BlobTrigger": f"{blob.container_name}/{blob.blob_name}",
        "Uri": blob.url.split("?")[0],
        "Properties": JsonInput(json.dumps(described)),
        "Metadata": JsonInput(json.dumps(properties.metadata or {})),
    }
