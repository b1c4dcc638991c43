"""Event Grid's web-hook for blob triggers: POST /runtime/webhooks/blobs?functionName=Host.Functions.NAME.

Answers as the storage extension's HttpRequestProcessor and BlobsExtensionConfigProvider do: by the header
``aeg-event-type``, 500 for whatever they cannot read, and the handshake of CloudEvents 1.0 to OPTIONS. An
event only queues the blob, through the same receipts as the watcher. What the extension would find out when
it takes the message from its queue (no such function, the blob is gone) is found out here; the answer is the
same.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import unquote, urlsplit

from azure.core.exceptions import AzureError, ResourceNotFoundError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from devhost.blobs.delivery import BlobDelivery, BlobFunction
from devhost.blobs.receipts import BlobVersion

log = logging.getLogger("Host.EventGrid")

ORIGINS = (
    "eventgrid.azure.net",
    "eventgrid.azure.us",
    "eventgrid.azure.eaglex.ic.gov",
    "eventgrid.azure.microsoft.scloud",
    "eventgrid.azure.cn",
)
"""Whom the handshake of CloudEvents allows; others are told the first."""

BLOB_TYPES = ("Block", "Page", "Append")


@dataclass(frozen=True)
class _EventBlob:
    """Where the blob of an event lies."""

    container: str
    name: str


class Webhook:
    """The web-hook of one app's blob functions."""

    def __init__(self, delivery: BlobDelivery) -> None:
        """Parameters: what delivers the blobs the events name."""
        self._delivery = delivery

    async def answer(self, request: Request) -> Response:
        """Answer a request that carries the extension's key."""
        if request.method == "OPTIONS":
            origin = request.headers.get("webhook-request-origin")
            allowed = origin if origin in ORIGINS else ORIGINS[0]
            return Response(headers={"webhook-allowed-origin": allowed})
        name = request.query_params.get("functionName", "")
        kind = request.headers.get("aeg-event-type", "").lower()
        if kind == "unsubscribe":
            return Response(status_code=202)
        if kind not in ("subscriptionvalidation", "notification"):
            return Response(status_code=400)
        try:
            document = json.loads(await request.body())
            if kind == "subscriptionvalidation":
                code = _validation_code(document)
                log.info("subscription to %s validated", name)
                return Response(json.dumps({"validationResponse": code}, separators=(",", ":")))
            blobs = [_place(event) for event in _events(document)]
        except (ValueError, KeyError, TypeError, IndexError) as error:
            log.error("events for %s cannot be read: %s: %s", name, type(error).__name__, error)
            return Response(status_code=500)
        target = self._delivery.functions.get(name)
        if target is None:
            known = ", ".join(self._delivery.functions)
            log.warning("events for %s passed over: the blob functions are %s", name or "no function", known)
            return Response(status_code=202)
        try:
            await run_in_threadpool(self._accept, target, blobs)
        except AzureError as error:  # not 2xx: Event Grid delivers again
            log.warning("events for %s not queued: %s", name, str(error).splitlines()[0])
            return Response(status_code=500)
        return Response(status_code=202)

    def _accept(self, target: BlobFunction, blobs: list[_EventBlob]) -> None:
        for blob in blobs:
            container, name = blob.container, blob.name
            if container != target.path.container or target.path.match(name) is None:
                log.info("%s/%s does not match the path of %s", container, name, target.function.name)
                continue
            try:
                found = target.service.get_blob_client(container, name).get_blob_properties()
            except ResourceNotFoundError:
                log.info("%s/%s was deleted before its event came", container, name)
                continue
            self._delivery.deliver(target, BlobVersion.of(container, found))


def _validation_code(document: Any) -> str:
    """Find the code of a handshake; an event of CloudEvents' holds its data as a text."""
    if isinstance(document, list):
        return str(document[0]["data"]["validationCode"])
    data = document["data"]
    return str((json.loads(data) if isinstance(data, str) else data)["validationCode"])


def _events(document: Any) -> list[dict[str, Any]]:
    events = document if isinstance(document, list) else [document]
    if not all(isinstance(event, dict) for event in events):
        raise TypeError("an event is a JSON object")
    return events


def _place(event: dict[str, Any]) -> _EventBlob:
    """Read what the extension reads of an event: URL, ETag and blob type of its data."""
    data = event["data"]
    if "eTag" not in data:
        raise KeyError("data.eTag")
    if str(data["blobType"]).replace("Blob", "") not in BLOB_TYPES:
        raise ValueError(f"data.blobType is {data['blobType']!r}")
    url = urlsplit(str(data["url"]))
    if not url.hostname:
        raise ValueError(f"data.url is {data['url']!r}")
    parts = unquote(url.path).removeprefix("/").split("/")
    if _is_emulator(url.hostname):
        parts = parts[1:]  # its URLs begin with the account
    return _EventBlob(parts[0] if parts else "", "/".join(parts[1:]))


def _is_emulator(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return host == "localhost"
    return True
