"""A poison message: which version of which file it stands for, whoever put it there."""

from __future__ import annotations

import base64
import binascii
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from ops.app.storage_account import TELEMETRY

_SUBJECT = "/blobServices/default/containers/"


@dataclass(frozen=True)
class PoisonedFile:
    """The file version a message stands for; its ETag has no quotes, and is "" where storage refused it."""

    container: str
    name: str
    etag: str

    @property
    def path(self) -> str:
        """``<container>/<name>``."""
        return f"{self.container}/{self.name}"


class _OfBlobTrigger(msgspec.Struct, rename="pascal"):
    """A message of the Functions host; fields not named here are left alone."""

    container_name: str
    blob_name: str
    etag: str = msgspec.field(name="ETag")

    def file(self) -> PoisonedFile:
        return PoisonedFile(self.container_name, self.blob_name, self.etag.strip('"'))


class _OfRange(msgspec.Struct):
    """The app's message for a range of a large file."""

    name: str
    etag: str
    range_bytes: int

    def file(self) -> PoisonedFile:
        return PoisonedFile(TELEMETRY, self.name, self.etag.strip('"'))


class _EventData(msgspec.Struct):
    etag: str = msgspec.field(name="eTag")


class _OfEventGrid(msgspec.Struct):
    """Event Grid's message in a queue."""

    subject: str
    data: _EventData

    def file(self) -> PoisonedFile:
        place = self.subject.removeprefix(_SUBJECT)
        container, _, name = place.partition("/blobs/")
        return PoisonedFile(container, name, self.data.etag.strip('"'))


_SHAPES: tuple[type[_OfBlobTrigger | _OfRange | _OfEventGrid], ...] = (_OfBlobTrigger, _OfRange, _OfEventGrid)


def read(content: object) -> PoisonedFile | None:
    """Read a message's body, JSON, plain or in base64 (``messageEncoding``); None if it names no file."""
    data = content.encode() if isinstance(content, str) else content if isinstance(content, bytes) else b""
    with suppress(binascii.Error, ValueError):
        data = base64.b64decode(data, validate=True)
    for shape in _SHAPES:
        with suppress(msgspec.MsgspecError, UnicodeDecodeError):
            file = msgspec.json.decode(data, type=shape).file()
            return file if file.container and file.name else None
    return None
