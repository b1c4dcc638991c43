"""The web hook through which Event Grid tells the app of a new blob."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from functions.storage.containers import TELEMETRY
from ops.app import remedies, response
from ops.app.target import Target
from ops.doctor.app import SCORING
from ops.doctor.check import Finding, does_not_apply, failure, ok

PATH = "/runtime/webhooks/blobs"
FUNCTION_NAME = f"Host.Functions.{SCORING}"
KEY_NAME = "blobs_extension"
"""The system key that the blob extension makes when the host has first started with the code."""

VALIDATION = "Microsoft.EventGrid.SubscriptionValidationEvent"


def system_key(target: Target) -> str | None:
    """Return the web hook's key; a secret."""
    key = (target.keys.get("systemKeys") or {}).get(KEY_NAME)
    return str(key) if key else None


def check_webhook_key(target: Target) -> Finding:
    """Look for the system key."""
    if not target.in_azure:
        return does_not_apply("devhost asks for no key")
    if not system_key(target):
        return failure(
            f"the app has no system key {KEY_NAME}",
            f"deploy the code ({remedies.CODE}) and call the app once: the key appears when the host has "
            "loaded a blob trigger",
        )
    return ok(f"the system key {KEY_NAME} is there")


def check_webhook(target: Target) -> Finding:
    """Do the handshake that Event Grid does: the hook has to send a code back. Nothing is scored by it."""
    code = uuid.uuid4().hex
    headers = {"aeg-event-type": "SubscriptionValidation"}
    if target.in_azure and (key := system_key(target)):
        # In a header, not in the address, which error messages repeat.
        headers["x-functions-key"] = key
    answer = response.of(
        target.http.post(
            PATH, params={"functionName": FUNCTION_NAME}, headers=headers, json=[_handshake(code)]
        )
    )
    if answer.is_ok and answer.document.get("validationResponse") == code:
        return ok(f"the handshake of {FUNCTION_NAME} passes")
    if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return failure(
            f"refused with {answer.status}",
            "look for access restrictions (`az functionapp config access-restriction show`) and for what "
            "authentication lets through (docs/security.md, Entra ID)",
        )
    return failure(
        f"the handshake was answered {answer.summary}",
        f"deploy the code again ({remedies.CODE}); the hook answers only while {SCORING} is indexed",
    )


def _handshake(code: str) -> dict[str, Any]:
    """Build Event Grid's validation event.

    https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema
    """
    return {
        "id": str(uuid.uuid4()),
        "topic": "drivecast-doctor",
        "subject": f"/blobServices/default/containers/{TELEMETRY}",
        "eventType": VALIDATION,
        "eventTime": datetime.now(UTC).isoformat(),
        "data": {"validationCode": code},
        "metadataVersion": "1",
        "dataVersion": "2",
    }
