"""Events that an Event Grid subscription's filter lets through.

After https://learn.microsoft.com/azure/event-grid/event-filtering; of the advanced operators the string ones
are known here, as no other is of use for blobs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from functions.storage.containers import PREDICTIONS, TELEMETRY

BLOB_CREATED = "Microsoft.Storage.BlobCreated"

type Event = dict[str, Any]

_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "stringin": str.__eq__,
    "stringbeginswith": str.startswith,
    "stringendswith": str.endswith,
    "stringcontains": str.__contains__,
}
"""Each compares an event's value with one of the filter's; in lower case, as Event Grid does."""

_NEGATION = "stringnot"


def blob_event(container: str, name: str, api: str = "PutBlob", kind: str = BLOB_CREATED) -> Event:
    """Make the event of a blob, as far as filters look at it."""
    subject = f"/blobServices/default/containers/{container}/blobs/{name}"
    return {"eventType": kind, "subject": subject, "data": {"api": api}}


WANTED = {
    f"{name} written by {api}": blob_event(TELEMETRY, name, api)
    for name in ("day.csv", "site/day.csv.gz", "host/day.json", "day.json.gz")
    for api in ("PutBlob", "PutBlockList", "CopyBlob")
}
"""Events that have to reach the app. Copy Blob is what a replay does."""

UNWANTED = {
    "a file of predictions": blob_event(PREDICTIONS, "day.csv"),
    f"a file of {TELEMETRY}-archive": blob_event(f"{TELEMETRY}-archive", "day.csv"),
    "a deleted file": blob_event(TELEMETRY, "day.csv", "DeleteBlob", "Microsoft.Storage.BlobDeleted"),
}
"""Events that would cost invocations for nothing."""


def passes(conditions: Mapping[str, Any], event: Event) -> bool:
    """Say whether a subscription's ``filter`` lets an event of `blob_event` through.

    ValueError names an operator that is not known here.
    """
    types = conditions.get("includedEventTypes")
    if types and "All" not in types and event["eventType"] not in types:
        return False
    subject, begin, end = (
        event["subject"],
        str(conditions.get("subjectBeginsWith") or ""),
        str(conditions.get("subjectEndsWith") or ""),
    )
    if not conditions.get("isSubjectCaseSensitive"):
        subject, begin, end = subject.lower(), begin.lower(), end.lower()
    if not (subject.startswith(begin) and subject.endswith(end)):
        return False
    return all(_meets(each, event) for each in conditions.get("advancedFilters") or [])


def _meets(advanced: Mapping[str, Any], event: Event) -> bool:
    """Tell whether an event meets one advanced filter: any of its values suffices."""
    operator = str(advanced.get("operatorType", "")).lower()
    negated = operator.startswith(_NEGATION)
    compare = _OPERATORS.get(f"string{operator.removeprefix(_NEGATION)}" if negated else operator)
    if compare is None:
        msg = f"the operator {advanced.get('operatorType')!r} is not known to this check"
        raise ValueError(msg)
    found: Any = event
    for part in str(advanced.get("key", "")).split("."):
        found = found.get(part) if isinstance(found, dict) else None
    if not isinstance(found, str):
        return negated
    values = [str(value).lower() for value in advanced.get("values") or []]
    return any(compare(found.lower(), value) for value in values) != negated


def faults(conditions: Mapping[str, Any]) -> list[str]:
    """Return a phrase for each thing a subscription's ``filter`` keeps from the app, or sends in vain."""
    try:
        return [f"keeps back {what}" for what, event in WANTED.items() if not passes(conditions, event)] + [
            f"sends {what}" for what, event in UNWANTED.items() if passes(conditions, event)
        ]
    except ValueError as error:
        return [str(error)]
