"""The queue message that announces a file: Event Grid's, for an app it cannot reach, or the app's own."""

from __future__ import annotations

import json
from urllib.parse import quote, unquote, urlsplit

import msgspec

from functions.errors import EventMessageError

BLOB_CREATED = "Microsoft.Storage.BlobCreated"
"""The one type of event a file to score comes with."""

_PREFIX = "/blobServices/default/containers/"


class _Data(msgspec.Struct):
    url: str
    etag: str | None = msgspec.field(default=None, name="eTag")


class _Event(msgspec.Struct, rename="camel", omit_defaults=True):
    """An event in the Event Grid schema, or in CloudEvents 1.0, which calls its type ``type``.

    Fields that are not asked for are passed over.
    """

    subject: str = ""
    data: object = None
    event_type: str = ""
    type: str = ""


class WrittenBlob(msgspec.Struct, frozen=True):
    """The blob an event tells of.

    Attributes
    ----------
    container, name : str
        As storage knows them, not percent-encoded.
    etag : str
        Which version was written; "" where the event does not say.
    """

    container: str
    name: str
    etag: str = ""


def written_blob(body: bytes) -> WrittenBlob | str:
    """Read a message.

    The container is the subject's, the name the URL's. That is always percent-encoded; a subject may be or
    not, and has U+FFFD for each half of a character beyond the basic plane (an emoji). A ``#`` or ``?`` that
    is not encoded belongs to the name: the URL of an event has neither query nor fragment.

    Parameters
    ----------
    body : bytes
        One event as JSON, in either schema;
        https://learn.microsoft.com/azure/event-grid/event-schema-blob-storage.

    Returns
    -------
    WrittenBlob or str
        The type of an event that tells of something else.

    Raises
    ------
    EventMessageError
        It is no event, or one that contradicts itself.
    """
    try:
        # Not by msgspec: Event Grid may cut a character beyond the basic plane, and it takes no half of one.
        event = msgspec.convert(json.loads(body), _Event)
        kind = event.event_type or event.type
        if not kind:
            raise _unreadable("it has neither an `eventType`, as Event Grid's, nor a `type`, as CloudEvents")
        if kind != BLOB_CREATED:
            return kind
        data = msgspec.convert(event.data, _Data)
        path = _path(data.url)
    except (msgspec.ValidationError, ValueError, RecursionError) as error:
        raise _unreadable(f"it is no event of Event Grid's schema or CloudEvents': {error}") from None
    container, found, written = event.subject.removeprefix(_PREFIX).partition("/blobs/")
    if not event.subject.startswith(_PREFIX) or not found or not container or not written:
        raise _unreadable(f"its subject {event.subject!r} names no blob")
    name = _named_by(path, container)
    if not name:
        raise _unreadable(f"its subject names the container {container}, its URL is {data.url!r}")
    return WrittenBlob(container, name, data.etag or "")


def announcement(container: str, name: str, etag: str = "") -> str:
    """Return a message that `written_blob` reads, as Event Grid would write it.

    Parameters
    ----------
    etag : str
        Which version is meant, for whoever finds the message in the poison queue; "" where nobody knows.
    """
    # No host in the URL: the account is the app's, and only the path is read.
    data = _Data(f"/{container}/{quote(name)}", etag.strip('"'))
    event = _Event(subject=f"{_PREFIX}{container}/blobs/{name}", data=data, event_type=BLOB_CREATED)
    return msgspec.json.encode(event).decode()


def _path(url: str) -> str:
    parts = urlsplit(url, allow_fragments=False)
    return unquote(f"{parts.path}?{parts.query}" if parts.query else parts.path, errors="strict")


def _named_by(path: str, container: str) -> str:
    """Return the name in a URL's path; an emulator's has its account before the container."""
    for before in (f"/{container}/", f"/{path[1:].partition('/')[0]}/{container}/"):
        if path.startswith(before):
            return path.removeprefix(before)
    return ""


def _unreadable(why: str) -> EventMessageError:
    return EventMessageError(
        f"A message that announces a file cannot be read: {why}. Only Event Grid writes to that queue; if a "
        "file has no summary, upload it again."
    )
