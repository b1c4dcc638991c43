"""Reading one version of a source blob: all of it, or an error that says it changed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime

from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.storage.blob import BlobClient, BlobProperties

from functions.call_threads import CallThreads
from functions.storage.accounts import CHUNK_BYTES
from functions.storage.errors import (
    SourceArchivedError,
    SourceChangedError,
    SourceGoneError,
    SourceReadError,
)

ARCHIVED = ("BlobArchived", "BlobBeingRehydrated")
"""Error codes of reading a blob in the archive tier, or on its way out of it;
https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes."""


@dataclass(frozen=True)
class PinnedBlob:
    """A blob as it was at one moment, distinguished from its other versions by its ETag.

    Its bytes are delivered as stored, whatever Content-Encoding the uploader set.

    Attributes
    ----------
    etag : str
        With its quotes, as the service writes it.
    size : int
        Bytes.
    last_modified : datetime
        UTC, whole seconds (HTTP dates have no fractions): too coarse to order two uploads, see `is_current`.
    """

    container: str
    name: str
    etag: str
    size: int
    last_modified: datetime
    client: BlobClient = field(repr=False, compare=False)

    @classmethod
    def open(cls, client: BlobClient) -> PinnedBlob:
        """Pin the blob's current version; SourceGoneError when there is none."""
        try:
            found = client.get_blob_properties()
        except ResourceNotFoundError as error:
            raise _gone_error(f"{client.container_name}/{client.blob_name}") from error
        return cls(
            container=client.container_name,
            name=client.blob_name,
            etag=found.etag,
            size=found.size,
            last_modified=found.last_modified,
            client=client,
        )

    @property
    def path(self) -> str:
        """``<container>/<name>``."""
        return f"{self.container}/{self.name}"

    @property
    def outdated_reason(self) -> str:
        """Why a run stops once this is no longer `is_current`: a sentence without its end."""
        return f"{self.path} is no longer at version {self.etag}"

    def is_current(self) -> bool:
        """Ask the service whether this is still the version it holds; False also when the blob is gone."""
        try:
            return bool(self.client.get_blob_properties().etag == self.etag)
        except ResourceNotFoundError:
            return False

    def chunks(
        self, chunk_bytes: int = CHUNK_BYTES, start: int = 0, end: int | None = None
    ) -> Iterator[bytes]:
        """Stream the pinned version, or a range of it, in chunks that are never empty.

        The next chunk is downloaded while the caller works on this one, so at most two are held here.

        Parameters
        ----------
        chunk_bytes : int
            Bytes of every chunk but the last.
        start, end : int
            Offsets of the first byte and of the byte after the last; *end* is by default, and at most, the
            size.

        Raises
        ------
        SourceChangedError, SourceGoneError
            The blob was overwritten, or deleted, since it was pinned.
        SourceArchivedError
            The blob is in the archive tier.
        SourceReadError
            The service delivered fewer bytes than it announced.
        """
        if chunk_bytes < 1:
            raise ValueError(f"chunk_bytes is {chunk_bytes}, expected at least 1")
        end = self.size if end is None else min(end, self.size)
        if start >= end:
            return
        with CallThreads(max_workers=1, thread_name_prefix="blob-prefetch") as prefetch:
            pending: Future[bytes] | None = prefetch.submit(self.read, start, min(chunk_bytes, end - start))
            offset = start
            while pending is not None:
                chunk = pending.result()
                offset += len(chunk)
                left = min(chunk_bytes, end - offset)
                pending = prefetch.submit(self.read, offset, left) if left > 0 else None
                yield chunk

    def read(self, offset: int, length: int) -> bytes:
        """Return up to *length* bytes from *offset* on, fewer only at the blob's end; raises as `chunks`."""
        expected = max(0, min(length, self.size - offset))
        if not expected:
            return b""
        try:
            data: bytes = self.client.download_blob(
                offset=offset,
                length=expected,
                etag=self.etag,
                match_condition=MatchConditions.IfNotModified,
                # A range of a gzip stream cannot be inflated by itself.
                decompress=False,
            ).readall()
        except ResourceModifiedError as error:
            # A condition on a deleted blob is answered as not met.
            if not self.client.exists():
                raise _gone_error(self.path) from error
            raise SourceChangedError(
                f"{self.path} was replaced while it was read: this run began with version {self.etag}. It "
                "stops; the new version is scored by a run of its own."
            ) from error
        except ResourceNotFoundError as error:
            raise _gone_error(self.path) from error
        except ResourceExistsError as error:  # so the SDK calls every 409
            if getattr(error, "error_code", None) not in ARCHIVED:
                raise
            # Only reading tells: a blob may be archived, or be back, after it was pinned.
            raise SourceArchivedError(
                f"{self.path} is in the archive tier, from which it cannot be read. Rehydrate it (az storage "
                "blob set-tier --tier Hot), which takes up to 15 hours and starts no run by itself, then "
                "replay it (python -m ops poison replay)."
            ) from error
        if len(data) != expected:
            raise SourceReadError(
                f"{self.path}: {expected} bytes expected from byte {offset} on, {len(data)} received. The "
                "file is read again."
            )
        return data


def listed_etag(blob: BlobProperties) -> str:
    """Return a listed blob's ETag with its quotes, which listings leave out."""
    return f'"{blob.etag.strip('"')}"'


def _gone_error(path: str) -> SourceGoneError:
    return SourceGoneError(
        f"{path} does not exist, or no longer. If it was deleted by mistake, upload it again."
    )
