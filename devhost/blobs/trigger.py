"""Watch containers for new blob versions and hand each to delivery.

Every blob trigger is watched, those with ``"source": "EventGrid"`` too: locally there is no Event Grid, and
the watcher stands in for it. Only one worker of a host watches; the receipts keep several hosts from
delivering twice.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from concurrent.futures import Future, ThreadPoolExecutor

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.blob import ContainerClient

from devhost.blobs.delivery import BlobDelivery, BlobFunction
from devhost.blobs.receipts import BlobVersion
from devhost.storage import ensure_container

log = logging.getLogger("Host.Blobs")

INTERVAL = 0.5
"""Seconds between two listings of a container."""

_SHARE = 4
"""A listing that takes long is followed by a pause this many times as long, so watching stays cheap. Handing
over what was found is work and no watching, and does not count."""


def ensure_containers(delivery: BlobDelivery) -> None:
    """Create the watched containers that do not exist."""
    for target in delivery.functions.values():
        ensure_container(target.service.get_container_client(target.path.container))


AHEAD = 256
"""Messages in the host's queue, above which no more are put into it: Azurite looks through all of a queue
whenever one is taken."""


class BlobWatcher:
    """Lists the watched containers over and over."""

    def __init__(self, delivery: BlobDelivery) -> None:
        """Parameters: what delivers the versions found."""
        self._delivery = delivery
        self._stopping = threading.Event()
        self._known: dict[str, dict[str, str]] = defaultdict(dict)
        self._receipts: dict[str, set[str]] = {}
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="deliver")
        self._groups: dict[tuple[str, str], list[BlobFunction]] = defaultdict(list)
        for target in delivery.functions.values():
            self._groups[target.connection, target.path.container].append(target)

    def start(self) -> None:
        """Begin watching."""
        if self._groups:
            threading.Thread(target=self._watch, daemon=True, name="blob-watcher").start()

    def stop(self) -> None:
        """Find no more."""
        self._stopping.set()

    def _watch(self) -> None:
        trouble = False
        while not self._stopping.is_set():
            listing = 0.0
            try:
                for targets in self._groups.values():
                    listing += self._scan(targets)
                trouble = False
            except AzureError as error:
                if not trouble:
                    log.warning("blobs cannot be listed, trying again: %s", str(error).splitlines()[0])
                trouble = True
            self._stopping.wait(max(INTERVAL, listing * _SHARE))

    def _scan(self, targets: list[BlobFunction]) -> float:
        """List one container and deliver what no function has had yet; return the seconds listing took."""
        container: ContainerClient = targets[0].service.get_container_client(targets[0].path.container)
        prefixes = {target.path.prefix for target in targets}
        prefix = prefixes.pop() if len(prefixes) == 1 else ""
        found: dict[str, dict[str, str]] = {target.function.name: {} for target in targets}
        pending: list[tuple[BlobFunction, BlobVersion, Future[bool]]] = []
        room = max(0, AHEAD - self._delivery.waiting())
        started = time.monotonic()
        try:
            blobs = list(container.list_blobs(name_starts_with=prefix or None))
            spent = time.monotonic() - started
            for blob in blobs:
                for target in targets:
                    if target.path.match(blob.name) is None:
                        continue
                    version = BlobVersion.of(container.container_name, blob)
                    if self._known[target.function.name].get(blob.name) == version.etag:
                        found[target.function.name][blob.name] = version.etag
                        continue
                    if self._had_before(target, version):
                        found[target.function.name][blob.name] = version.etag
                        continue
                    if len(pending) == room:
                        continue  # the next listing finds it again
                    handed_over = self._threads.submit(self._delivery.deliver, target, version)
                    pending.append((target, version, handed_over))
        except ResourceNotFoundError:
            ensure_container(container)
            return 0.0
        for target, version, delivered in pending:
            try:
                if delivered.result():
                    found[target.function.name][version.name] = version.etag
            except AzureError as error:
                log.warning(
                    "%s not delivered yet, trying again: %s", version.name, str(error).splitlines()[0]
                )
        self._known.update(found)
        return spent

    def _had_before(self, target: BlobFunction, version: BlobVersion) -> bool:
        """Whether a version was delivered before this process began to watch."""
        name = target.function.name
        if name not in self._receipts:
            self._receipts[name] = self._delivery.receipts.delivered(target.function)
        return self._delivery.receipts.path(target.function, version) in self._receipts[name]
