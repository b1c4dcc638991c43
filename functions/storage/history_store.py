"""History snapshots as blobs: ``<YYYY-MM-DD>/<name>.arrow`` in the container `history`."""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from typing import BinaryIO, cast

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.blob import BlobClient, BlobServiceClient, ContainerClient

from functions.storage import containers
from functions.storage.errors import SnapshotReplacedError, SourceChangedError, SourceGoneError
from functions.storage.history_listing import ENDING, DayListing, HistoryListing, listing_of
from functions.storage.pinned_blob import PinnedBlob
from functions.storage.provenance import Provenance
from functions.storage.publish import Published, Superseded, publish_written
from functions.storage.staged_writer import StagedWriter

BLOCK_BYTES = 1024 * 1024
"""Staged at once: a file of 400 dates has so many snapshots open, each with a block that is not full."""

READ_ATTEMPTS = 5
"""A snapshot replaced while it is read is read again; it is small, so the second attempt succeeds."""


class BlobSnapshotStore:
    """Snapshots of the storage account, written for one source file.

    Parameters
    ----------
    service : BlobServiceClient
        The account.
    source : PinnedBlob
        The file whose rows the snapshots hold. A snapshot is published like every output: a run on an older
        version of the source never replaces one of a newer version. A snapshot that this file, in any
        version, wrote as one of several dates is no history for it.
    model_version : str
        For the metadata.
    """

    def __init__(self, service: BlobServiceClient, source: PinnedBlob, model_version: str) -> None:
        self._service = service
        self._source = source
        self._provenance = Provenance.of(source, model_version)
        self._months: dict[str, frozenset[str]] = {}
        self._days: dict[dt.date, DayListing] = {}
        self._versions: dict[dt.date, Mapping[str, str]] = {}
        self._written: set[dt.date] = set()

    def names(self, day: dt.date) -> list[str]:
        """Return the names of a day's snapshots that are history for the file, sorted; empty if none are.

        Which days of a month have any is asked once: a run looks at twenty days for each date of its file,
        and most of them have none.
        """
        folder = f"{day.isoformat()}/"
        container, uploaded = self._container(), self._source.last_modified
        listing = listing_of(container)
        month = folder[: len("2014-01-")]
        try:
            if month not in self._months:
                self._months[month] = listing.days(container, month, uploaded)
            if folder not in self._months[month]:
                return []
            found = listing.snapshots(container, folder, uploaded)
        except ResourceNotFoundError:
            return []
        self._days[day] = found
        self._versions[day] = versions = found.versions_for(self._provenance.source_name)
        return list(versions)

    def versions(self, day: dt.date) -> Mapping[str, str] | None:
        """Return by name what tells each snapshot that `names` found from every other."""
        return self._versions.get(day)

    def load(self, day: dt.date, name: str) -> bytes | None:
        """Return a snapshot, one version of it and whole; None when it is not there, or no more.

        Raises
        ------
        SnapshotReplacedError
            It was replaced during every attempt to read it.
        """
        path = _path(day, name)
        client = self._service.get_blob_client(containers.HISTORY, path)
        pinned = self._pinned(day, path, client)
        for _ in range(READ_ATTEMPTS):
            try:
                return b"".join((pinned or PinnedBlob.open(client)).chunks())
            except SourceChangedError:
                pinned = None
                self._listing().forget(path)
            except SourceGoneError:
                # A lifecycle rule deletes old snapshots whenever it likes.
                self._listing().forget(path)
                return None
        raise SnapshotReplacedError(
            f"The history snapshot {containers.HISTORY}/{path} was replaced at every attempt to read it. "
            "The file is scored again when its message is delivered again."
        )

    @contextlib.contextmanager
    def create(self, day: dt.date, name: str) -> Iterator[BinaryIO]:
        """Write a snapshot, visible only when the block ends well; it replaces one of the same name.

        It says how many dates the file has: those of all snapshots begun until its block ends. So those of
        a file have to be begun, all of them, before the first block ends.

        Raises
        ------
        SourceChangedError
            At the end of the block: a newer version of the source exists and its run writes the snapshot.
        OutputTakenError, PublishError
            See `functions.storage.publish.publish`.
        """
        path = _path(day, name)
        self._written.add(day)
        # Assembled apart, because two runs must never stage on one blob.
        staging = self._service.get_blob_client(containers.RUNS, f".history/{uuid.uuid4().hex}{ENDING}")
        writer = StagedWriter(
            staging, block_bytes=BLOCK_BYTES, content_type="application/vnd.apache.arrow.file"
        )
        etag, provenance = None, self._provenance
        try:
            yield cast(BinaryIO, writer)
            provenance = provenance.of_dates(len(self._written))
            result = self._publish(
                writer, self._service.get_blob_client(containers.HISTORY, path), provenance
            )
            etag = result.etag
        except BaseException:
            writer.abandon()
            raise
        finally:
            writer.close()
            self._months.clear()
            self._days.pop(day, None)
            self._versions.pop(day, None)
            self._listing().wrote(path, etag, writer.tell(), provenance)
            if writer.etag is not None:
                with contextlib.suppress(AzureError):
                    staging.delete_blob()

    def _publish(self, writer: StagedWriter, target: BlobClient, provenance: Provenance) -> Published:
        result: Published | Superseded
        stopped = f"{self._source.path} is no longer at version {self._source.etag}"
        if self._source.is_current():
            result = publish_written(
                self._service, writer, target, provenance, self._source, presumed_absent=True
            )
            if isinstance(result, Published):
                return result
            stopped = result.reason
        raise SourceChangedError(
            f"The snapshot {target.container_name}/{target.blob_name} is left to a newer run: {stopped}."
        )

    def _pinned(self, day: dt.date, path: str, client: BlobClient) -> PinnedBlob | None:
        """Return a snapshot as it was listed, so that it need not be asked for before it is read."""
        listed = self._days[day].found.get(path) if day in self._days else None
        if listed is None:
            return None
        return PinnedBlob(
            containers.HISTORY, path, listed.etag, listed.size, listed.last_modified, None, client
        )

    def _listing(self) -> HistoryListing:
        return listing_of(self._container())

    def _container(self) -> ContainerClient:
        return self._service.get_container_client(containers.HISTORY)


def _path(day: dt.date, name: str) -> str:
    return f"{day.isoformat()}/{name}{ENDING}"
