"""History snapshots as blobs: ``<YYYY-MM-DD>/<name>.arrow`` in the container `history`."""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from collections.abc import Iterator
from typing import BinaryIO, cast

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.blob import BlobServiceClient

from functions.storage import containers
from functions.storage.errors import SnapshotReplacedError, SourceChangedError, SourceGoneError
from functions.storage.pinned_blob import PinnedBlob
from functions.storage.publish import Superseded, publish
from functions.storage.staged_writer import StagedWriter
from functions.storage.stamp import Stamp

ENDING = ".arrow"
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
        version of the source never replaces one of a newer version.
    model_version : str
        For the metadata.
    """

    def __init__(self, service: BlobServiceClient, source: PinnedBlob, model_version: str) -> None:
        self._service = service
        self._source = source
        self._stamp = Stamp.of(source, model_version)
        self._days: dict[str, set[str]] = {}

    def names(self, day: dt.date) -> list[str]:
        """Return the names of the snapshots of a day, sorted; empty if there are none.

        Which days of a month have any is asked once: a run looks at twenty days for each date of its file,
        and most of them have none.
        """
        folder = f"{day.isoformat()}/"
        container = self._service.get_container_client(containers.HISTORY)
        month = folder[: len("2014-01-")]
        if month not in self._days:
            found = container.walk_blobs(name_starts_with=month, delimiter="/")
            try:
                self._days[month] = {each.name for each in found}
            except ResourceNotFoundError:
                return []
        if folder not in self._days[month]:
            return []
        try:
            paths = list(container.list_blob_names(name_starts_with=folder))
        except ResourceNotFoundError:
            return []
        return sorted(path[len(folder) : -len(ENDING)] for path in paths if path.endswith(ENDING))

    def load(self, day: dt.date, name: str) -> bytes | None:
        """Return a snapshot, one version of it and whole; None when it is not there, or no more.

        Raises
        ------
        SnapshotReplacedError
            It was replaced during every attempt to read it.
        """
        path = _path(day, name)
        client = self._service.get_blob_client(containers.HISTORY, path)
        for _ in range(READ_ATTEMPTS):
            try:
                return b"".join(PinnedBlob.open(client).chunks())
            except SourceChangedError:
                continue
            except SourceGoneError:
                # A lifecycle rule deletes old snapshots whenever it likes.
                return None
        raise SnapshotReplacedError(
            f"The history snapshot {containers.HISTORY}/{path} was replaced at every attempt to read it. "
            "The file is scored again when its message is delivered again."
        )

    @contextlib.contextmanager
    def create(self, day: dt.date, name: str) -> Iterator[BinaryIO]:
        """Write a snapshot, visible only when the block ends well; it replaces one of the same name.

        Raises
        ------
        SourceChangedError
            At the end of the block: a newer version of the source exists and its run writes the snapshot.
        OutputTakenError, PublishError
            See `functions.storage.publish.publish`.
        """
        path = _path(day, name)
        # Assembled apart, because two runs must never stage on one blob.
        staging = self._service.get_blob_client(containers.RUNS, f".history/{uuid.uuid4().hex}{ENDING}")
        with StagedWriter(staging, content_type="application/vnd.apache.arrow.file") as writer:
            yield cast(BinaryIO, writer)
        try:
            target = self._service.get_blob_client(containers.HISTORY, path)
            result = publish(self._service, staging, target, self._stamp, self._source)
        finally:
            self._days.clear()
            with contextlib.suppress(AzureError):
                staging.delete_blob()
        if isinstance(result, Superseded):
            raise SourceChangedError(
                f"The snapshot {containers.HISTORY}/{path} is left to a newer run: {result.reason}."
            )


def _path(day: dt.date, name: str) -> str:
    return f"{day.isoformat()}/{name}{ENDING}"
