"""The queue message that announces a file: Event Grid's, for an app it cannot reach, or the app's own."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

import msgspec

from functions.errors import EventMessageError

if TYPE_CHECKING:
    from collections.abc import Iterable

BLOB_CREATED = "Microsoft.Storage.BlobCreated"
"""The one type of event a file to score comes with."""

_PREFIX = "/blobServices/default/containers/"


class _Data(msgspec.Struct):
    url: str
    etag: str | None = msgspec.field(default=None, name="eTag")


class _Event(msgspec.Struct, rename="camel"):
    """An event in the Event Grid schema; fields that are not asked for are passed over."""

    event_type: str
    subject: str
    data: msgspec.Raw


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

    The name is taken from the subject. Whether a ``%20`` in it is part of the name or stands for a space, the
    URL beside it decides: that is always percent-encoded.

    Parameters
    ----------
    body : bytes
        One event as JSON; https://learn.microsoft.com/azure/event-grid/event-schema-blob-storage.

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
        event = msgspec.json.decode(body, type=_Event)
        if event.event_type != BLOB_CREATED:
            return event.event_type
        data = msgspec.json.decode(event.data, type=_Data)
        path = unquote(urlsplit(data.url).path, errors="strict")
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise _unreadable(f"it is no event of Event Grid's schema: {error}") from None
    container, found, written = event.subject.removeprefix(_PREFIX).partition("/blobs/")
    if not event.subject.startswith(_PREFIX) or not found or not container or not written:
        raise _unreadable(f"its subject {event.subject!r} names no blob")
    name = _named_by(path, container, (written, unquote(written)))
    if name is None:
        raise _unreadable(f"its subject names {container}/{written}, its URL {data.url!r}")
    return WrittenBlob(container, name, data.etag or "")


def announcement(container: str, name: str, etag: str = "") -> str:
    """Return a message that `written_blob` reads, as Event Grid would write it.

    Parameters
    ----------
    etag : str
        Which version is meant, for whoever finds the message in the poison queue; "" where nobody knows.
    """
    # No host in the URL: the account is the app's, and only the path is read.
    data = msgspec.json.encode(_Data(f"/{container}/{quote(name)}", etag.strip('"')))
    subject = f"{_PREFIX}{container}/blobs/{name}"
    return msgspec.json.encode(_Event(BLOB_CREATED, subject, msgspec.Raw(data))).decode()


def _named_by(path: str, container: str, names: Iterable[str]) -> str | None:
    return next((name for name in names if path.endswith(f"/{container}/{name}")), None)


def _unreadable(why: str) -> EventMessageError:
    return EventMessageError(
        f"A message that announces a file cannot be read: {why}. Only Event Grid writes to that queue; if a "
        "file has no summary, upload it again."
    )
