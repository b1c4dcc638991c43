"""Event Grid's webhook for blob triggers: POST /runtime/webhooks/blobs?functionName=Host.Functions.NAME.

Takes the validation handshake and BlobCreated events, in Event Grid's schema and as CloudEvents 1.0 (whose
handshake is an OPTIONS request). An event only queues the blob, through the same receipts as the watcher; the
key is not asked for.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote, urlsplit

from azure.core.exceptions import AzureError, ResourceNotFoundError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from devhost.blob_delivery import BlobDelivery, BlobFunction
from devhost.blob_receipts import BlobVersion

log = logging.getLogger("Host.EventGrid")

PATH = "/runtime/webhooks/blobs"
BLOB_CREATED = "Microsoft.Storage.BlobCreated"
VALIDATION = "Microsoft.EventGrid.SubscriptionValidationEvent"
_SUBJECT = re.compile(r"^/blobServices/default/containers/(?P<container>[^/]+)/blobs/(?P<blob>.+)$")


class Webhook:
    """The endpoint, for one app's blob functions."""

    def __init__(self, delivery: BlobDelivery) -> None:
        """Parameters: what delivers the blobs the events name."""
        self._delivery = delivery

    def routes(self) -> list[Route]:
        """Routes to put before the app's own."""
        return [Route(PATH, self._post, methods=["POST"]), Route(PATH, self._options, methods=["OPTIONS"])]

    async def _options(self, request: Request) -> Response:
        """Answer the handshake of CloudEvents' HTTP web hook specification."""
        origin = request.headers.get("webhook-request-origin", "*")
        return Response(headers={"WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "*"})

    async def _post(self, request: Request) -> Response:
        name = request.query_params.get("functionName", "")
        targets = {key.lower(): target for key, target in self._delivery.functions.items()}
        target = targets.get(name.lower())
        if target is None:
            known = ", ".join(self._delivery.functions) or "none"
            return PlainTextResponse(f"functionName is {name!r}; expected one of: {known}", status_code=404)
        try:
            document = json.loads(await request.body())
        except ValueError:
            return PlainTextResponse("expected a JSON event or array of events", status_code=400)
        events = document if isinstance(document, list) else [document]
        if not all(isinstance(event, dict) for event in events):
            return PlainTextResponse("expected a JSON event or array of events", status_code=400)
        for event in events:
            if event.get("eventType") == VALIDATION:
                code = (
                    event.get("data", {}).get("validationCode")
                    if isinstance(event.get("data"), dict)
                    else None
                )
                log.info("subscription to %s validated", name)
                return JSONResponse({"validationResponse": code})
        try:
            await run_in_threadpool(self._accept, target, events)
        except AzureError as error:  # not 2xx: Event Grid delivers again
            log.warning("events for %s not queued: %s", name, str(error).splitlines()[0])
            return PlainTextResponse("storage does not answer", status_code=503)
        return Response(status_code=202)

    def _accept(self, target: BlobFunction, events: Iterable[dict[str, Any]]) -> None:
        for event in events:
            kind = event.get("eventType") or event.get("type")
            place = _place(event)
            if kind != BLOB_CREATED or place is None:
                log.info("event %s of type %s passed over", event.get("id"), kind)
                continue
            container, name = place
            if container != target.path.container or target.path.match(name) is None:
                log.info("%s/%s does not match the path of %s", container, name, target.function.name)
                continue
            try:
                found = target.service.get_blob_client(container, name).get_blob_properties()
            except ResourceNotFoundError:
                log.info("%s/%s was deleted before its event came", container, name)
                continue
            self._delivery.deliver(target, BlobVersion.of(container, found))


def _place(event: dict[str, Any]) -> tuple[str, str] | None:
    """Container and blob name an event tells of: from its subject, else from the URL in its data."""
    match = _SUBJECT.match(str(event.get("subject", "")))
    if match:
        return match["container"], match["blob"]
    data = event.get("data")
    url = urlsplit(str(data.get("url", ""))) if isinstance(data, dict) else urlsplit("")
    parts = unquote(url.path).lstrip("/").split("/")
    if url.hostname in ("127.0.0.1", "localhost"):
        parts = parts[1:]  # the emulator's URLs begin with the account
    return (parts[0], "/".join(parts[1:])) if len(parts) > 1 else None
