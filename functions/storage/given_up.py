"""Records of files that were given up: what replaying one needs, for as long as nobody has.

They have a container of their own: a lifecycle rule empties `runs`.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from functions.storage import containers

if TYPE_CHECKING:
    from azure.storage.blob import BlobClient, BlobServiceClient


class GivenUp(msgspec.Struct, frozen=True):
    """One version of a file of the container `telemetry`, or a message that names none.

    Attributes
    ----------
    queue, message : str
        The poison queue, and the text of the message in it.
    name : str or None
        Path in the container; None where the message names no such file.
    etag : str
        Without quotes; "" where the message does not say.
    """

    queue: str
    message: str
    name: str | None = None
    etag: str = ""


def record_name(name: str, etag: str) -> str:
    """Return the name of a file version's record: a digest, as it has to be a name whatever the file's is."""
    return f"{hashlib.sha256(f'{name}\n{etag}'.encode()).hexdigest()}.json"


def is_kept(service: BlobServiceClient, name: str, etag: str) -> bool:
    """Whether there is a record of a file version."""
    return bool(service.get_blob_client(containers.GIVEN_UP, record_name(name, etag)).exists())


def keep(service: BlobServiceClient, record: GivenUp, message_id: str) -> BlobClient:
    """Write a record; a file version has one, however many messages of it were given up."""
    name = f"message-{message_id}.json" if record.name is None else record_name(record.name, record.etag)
    blob = service.get_blob_client(containers.GIVEN_UP, name)
    try:
        containers.ensure(service, [containers.GIVEN_UP])
        blob.upload_blob(msgspec.json.encode(record), overwrite=True)
    except Exception as error:
        containers.forget_missing(error)
        raise
    return blob
