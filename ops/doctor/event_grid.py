"""Event Grid between storage and app: the system topic, and the subscription with its filter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ops.app import remedies
from ops.app.target import Target
from ops.doctor import event_filter
from ops.doctor.check import Finding, does_not_apply, failure, ok
from ops.doctor.webhook import FUNCTION_NAME, PATH, system_key
from ops.errors import OpsError

WATCHES_ITSELF = "devhost watches the container itself"
REMEDY = f"deploy infra/eventgrid.bicep ({remedies.EVENT_GRID}; after the code: the handshake needs it)"

SUCCEEDED = "Succeeded"
EVENTS_QUEUE = "telemetry-events"


def find_topic(target: Target) -> Mapping[str, Any]:
    """Return the system topic of the app's storage account.

    Raises
    ------
    OpsError
        There is none in the app's resource group.
    """
    group, account = str(target.resource_group), target.blobs.account_name
    found = target.cli.ask("eventgrid", "system-topic", "list", "--resource-group", group)
    for topic in found or []:
        if str(topic.get("source", "")).lower().endswith(f"/storageaccounts/{account}".lower()):
            return dict(topic)
    raise OpsError(f"no system topic of {account} in the resource group {group}")


def check_system_topic(target: Target) -> Finding:
    """Look for the topic, and whether it was made completely."""
    if not target.in_azure:
        return does_not_apply(WATCHES_ITSELF)
    topic = find_topic(target)
    if topic.get("provisioningState") != SUCCEEDED:
        return failure(f"{topic['name']} is in the state {topic.get('provisioningState')}", REMEDY)
    return ok(str(topic["name"]))


def check_subscription(target: Target) -> Finding:
    """Look for the subscription that leads to this app, its state, its address and its filter."""
    if not target.in_azure:
        return does_not_apply(WATCHES_ITSELF)
    subscription = _find_subscription(target, str(find_topic(target)["name"]))
    if subscription is None:
        return failure("no subscription of the system topic leads to this app", REMEDY)
    wrong = [*_state_faults(subscription), *event_filter.faults(subscription.get("filter") or {})]
    if _kind(subscription) == "webhook":
        wrong += address_faults(str(_destination(subscription).get("endpointUrl") or ""), system_key(target))
    if wrong:
        return failure(f"{subscription['name']}: {'; '.join(wrong)}", REMEDY)
    return ok(f"{subscription['name']} sends new telemetry files, and nothing else")


def _find_subscription(target: Target, topic: str) -> Mapping[str, Any] | None:
    """Return the subscription with its full address, which holds the key; None when none leads here."""
    where = ("--resource-group", str(target.resource_group), "--system-topic-name", topic)
    command = ("eventgrid", "system-topic", "event-subscription")
    host = urlsplit(target.url).hostname
    for each in target.cli.ask(*command, "list", *where) or []:
        base = urlsplit(str(_destination(each).get("endpointBaseUrl") or ""))
        if _kind(each) == "storagequeue" and _destination(each).get("queueName") == EVENTS_QUEUE:
            # The variant for an app that Event Grid cannot reach: the app polls the queue.
            return dict(each)
        if _kind(each) == "webhook" and base.hostname == host:
            full = ("--name", str(each["name"]), "--include-full-endpoint-url", "true")
            return dict(target.cli.ask(*command, "show", *where, *full))
    return None


def _destination(subscription: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return where a subscription leads, with or without an identity to deliver with."""
    by_identity = subscription.get("deliveryWithResourceIdentity") or {}
    return dict(subscription.get("destination") or by_identity.get("destination") or {})


def _kind(subscription: Mapping[str, Any]) -> str:
    return str(_destination(subscription).get("endpointType", "")).lower()


def _state_faults(subscription: Mapping[str, Any]) -> list[str]:
    wrong = []
    if (state := subscription.get("provisioningState")) != SUCCEEDED:
        wrong.append(f"its state is {state}")
    if (until := subscription.get("expirationTimeUtc")) and datetime.fromisoformat(until) < datetime.now(UTC):
        wrong.append(f"it ended {until}")
    if not (subscription.get("deadLetterDestination") or subscription.get("deadLetterWithResourceIdentity")):
        wrong.append("it has no dead-letter destination, so an event that is not delivered is lost")
    return wrong


def address_faults(address: str, key: str | None) -> list[str]:
    """Return a phrase for each fault of a web hook's address.

    The address has its query, in which a key is, and is never repeated; *key* is the app's key at present.
    """
    parts = urlsplit(address)
    query = {name.lower(): values[0] for name, values in parse_qs(parts.query).items()}
    wrong = []
    if parts.path != PATH:
        wrong.append(f"its address has the path {parts.path or '/'}, not {PATH}")
    if (name := query.get("functionname", "")).lower() != FUNCTION_NAME.lower():
        wrong.append(f"its address names the function {name or 'none'!r}, not {FUNCTION_NAME!r}")
    if key is not None and query.get("code") != key:
        wrong.append("its address holds an old key")
    return wrong
