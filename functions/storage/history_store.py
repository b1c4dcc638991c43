"""History snapshots as blobs: ``<YYYY-MM-DD>/<name>.arrow`` in the container `history`.

Each run lists them for itself, so a listing is newer than the upload: whatever had been scored before the
file was uploaded is in it. What is written later may be seen or not. For a file in ranges one list of the
whole container is settled when it is planned: all rows see one state of history.

A file of several dates that is uploaded again must not take what its replaced version left for the history of
its later dates. So the metadata of a snapshot names the file that wrote it, if that had several dates; it is
no history for that file, in any version, and is withdrawn when that is replaced (`withdrawal`). One of a
single date that is overwritten day by day has its history.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import BinaryIO, NamedTuple, cast

import msgspec
from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.blob import BlobClient, BlobProperties, BlobServiceClient, ContainerClient

from functions.storage import containers
from functions.storage.errors import SnapshotReplacedError, SourceChangedError, SourceGoneError
from functions.storage.pinned_blob import PinnedBlob, listed_etag
from functions.storage.provenance import Provenance
from functions.storage.publish import Published, look, publish_written
from functions.storage.published import refuse_leased_outputs
from functions.storage.staged_writer import StagedWriter
from functions.storage.withdrawal import ENDING, withdraw_earlier, withdraw_one, withdraw_own

BLOCK_BYTES = 1024 * 1024
"""Staged at once: a file of 400 dates has 400 snapshots open, each with a block that is not full."""

READ_ATTEMPTS = 5
"""A snapshot replaced while it is read is read again; it is small, so the second attempt succeeds."""


type Settle = Callable[[str, Callable[[], bytes]], bytes]
"""See `functions.storage.range_store.RangeRun.settle`."""


class _Listed(NamedTuple):
    etag: str  # with quotes
    size: int
    last_modified: dt.datetime

    @classmethod
    def of(cls, blob: BlobProperties) -> _Listed:
        return cls(listed_etag(blob), blob.size, blob.last_modified)


class BlobSnapshotStore:
    """Snapshots of the storage account, written for one source file.

    Parameters
    ----------
    source : PinnedBlob
        The file whose rows the snapshots hold. A snapshot is published like every output: a run on an older
        version of the source never replaces one of a newer version.
    model_version : str
        For the metadata.
    settle : callable, optional
        Keeps what was listed first, by name, for all ranges of a file: they are joined with one state of
        history, whatever is written meanwhile.
    """

    def __init__(
        self,
        service: BlobServiceClient,
        source: PinnedBlob,
        model_version: str,
        settle: Settle | None = None,
    ) -> None:
        self._settle = settle
        self._service = service
        self._source = source
        self._provenance = Provenance.of(source, model_version)
        self._months: dict[str, frozenset[str]] = {}
        self._every: dict[str, dict[str, _Listed]] | None = None
        self._listed: dict[dt.date, dict[str, _Listed]] = {}
        self._written: set[dt.date] = set()
        self._has_withdrawn = False
        self._has_looked = False

    def versions(self, day: dt.date) -> Mapping[str, str]:
        """Return by name, sorted, the versions of a day's snapshots that are history for the file.

        Which days of a month have any is asked once: a run looks at twenty days for each date of its file,
        and most of them have none.
        """
        if day not in self._listed:
            settled = self._settled()
            self._listed[day] = self._list(day) if settled is None else settled.get(day.isoformat(), {})
        container = str(self._container().url).partition("?")[0]
        return {
            name: f"{container}/{_path(day, name)} {each.etag}" for name, each in self._listed[day].items()
        }

    def settle_history(self) -> None:
        """List history now, for all ranges of the file; a list that is settled already stays."""
        self._settled()

    def _list(self, day: dt.date) -> dict[str, _Listed]:
        folder = f"{day.isoformat()}/"
        if folder not in self._days_of(folder[: len("2014-01-")]):
            return {}
        return self._by_day(folder).get(day.isoformat(), {})

    def _by_day(self, prefix: str) -> dict[str, dict[str, _Listed]]:
        """List what is history for the file, by day and name."""
        found: dict[str, dict[str, _Listed]] = {}
        blobs = self._container().list_blobs(name_starts_with=prefix or None, include=["metadata"])
        with contextlib.suppress(ResourceNotFoundError):
            for blob in sorted(blobs, key=lambda blob: str(blob.name)):
                day, _, name = blob.name.partition("/")
                if name.endswith(ENDING) and not self._left_by_the_file(blob):
                    found.setdefault(day, {})[name.removesuffix(ENDING)] = _Listed.of(blob)
        return found

    def load(self, day: dt.date, name: str) -> bytes | None:
        """Return a snapshot, one version of it and whole; None when it is not there, or no more.

        Of one that was listed no other version will do: it would be kept, and found by ranges, as the listed.

        Raises
        ------
        SnapshotReplacedError
            It was replaced since it was listed, for ranges deleted as well; or at every attempt to read it.
        """
        path = _path(day, name)
        client = self._service.get_blob_client(containers.HISTORY, path)
        if (listed := self._pinned(day, name, client)) is not None:
            try:
                return b"".join(listed.chunks())
            except SourceChangedError:
                raise _replacement_error(path, "has been replaced") from None
            except SourceGoneError:
                # A lifecycle rule deletes old snapshots whenever it likes, and a corrected file its own.
                if self._settle is not None:
                    raise _replacement_error(path, "is gone") from None
                return None
        for _ in range(READ_ATTEMPTS):
            with contextlib.suppress(SourceChangedError):
                try:
                    return b"".join(PinnedBlob.open(client).chunks())
                except SourceGoneError:
                    return None
        raise SnapshotReplacedError(
            f"The history snapshot {containers.HISTORY}/{path} was replaced at every attempt to read it. "
            "The file is scored again when its message is delivered again."
        )

    def withdraw(self, days: Iterable[dt.date], name: str) -> bool:
        """Delete what an earlier version of the file left on some days; return whether it was history.

        Asked of what was listed when the file was joined: who is killed after the deletion finds it there.

        Raises
        ------
        OutputLeasedError
            An output cannot be replaced, so history is not changed.
        SourceChangedError
            A newer version of the source exists.
        """
        listed = [day for day in days if name in self.versions(day)]
        if listed:
            self._refuse_leased()
        found = [day for day in listed if withdraw_one(self._service, self._source, _path(day, name))]
        for day in found:
            del self._listed[day]
        return bool(found)

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
        try:
            yield cast(BinaryIO, writer)
            provenance = self._provenance.of_dates(len(self._written))
            self._publish(writer, self._service.get_blob_client(containers.HISTORY, path), provenance)
        except BaseException:
            writer.abandon()
            raise
        finally:
            writer.close()
            self._months.clear()
            self._listed.pop(day, None)
            if writer.etag is not None:
                with contextlib.suppress(AzureError):
                    staging.delete_blob()

    def _publish(self, writer: StagedWriter, target: BlobClient, provenance: Provenance) -> None:
        stopped = self._source.outdated_reason
        if self._source.is_current():
            result = publish_written(
                self._service,
                writer,
                target,
                provenance,
                self._source,
                presumed_absent=True,
                look=self._look,
            )
            if isinstance(result, Published):
                self._withdraw_siblings(result.replaced)
                return
            stopped = result.reason
        if len(self._written) > 1:
            withdraw_own(self._service, self._source)
        raise SourceChangedError(
            f"The snapshot {target.container_name}/{target.blob_name} is left to a newer run: {stopped}."
        )

    def _look(self, snapshot: BlobClient) -> BlobProperties | None:
        self._refuse_leased()
        return look(snapshot)

    def _refuse_leased(self) -> None:
        """Look once, before a snapshot is replaced or deleted, whether the outputs beside it can be."""
        if not self._has_looked:
            refuse_leased_outputs(self._service, self._source)
            self._has_looked = True

    def _withdraw_siblings(self, replaced: Provenance | None) -> None:
        """Withdraw what else an earlier version left, once, if a replaced snapshot is one of several."""
        if replaced is not None and replaced.is_of_several_dates and not self._has_withdrawn:
            self._has_withdrawn = True
            withdraw_earlier(self._service, self._source)

    def _pinned(self, day: dt.date, name: str, client: BlobClient) -> PinnedBlob | None:
        """Return a snapshot as it was listed, so that it need not be asked for before it is read."""
        listed = self._listed.get(day, {}).get(name)
        if listed is None:
            return None
        return PinnedBlob(
            containers.HISTORY, _path(day, name), listed.etag, listed.size, listed.last_modified, client
        )

    def _days_of(self, month: str) -> frozenset[str]:
        if month not in self._months:
            found = self._container().walk_blobs(name_starts_with=month, delimiter="/")
            try:
                self._months[month] = frozenset(each.name for each in found)
            except ResourceNotFoundError:
                return frozenset()
        return self._months[month]

    def _settled(self) -> dict[str, dict[str, _Listed]] | None:
        """Return the list that all ranges of the file see; None of a file in one piece."""
        if self._settle is None:
            return None
        if self._every is None:
            data = self._settle("history.json", lambda: msgspec.json.encode(self._by_day("")))
            self._every = msgspec.json.decode(data, type=dict[str, dict[str, _Listed]])
        return self._every

    def _left_by_the_file(self, blob: BlobProperties) -> bool:
        provenance = Provenance.read(blob.metadata)
        if provenance is None or not provenance.same_source(self._provenance):
            return False
        return provenance.is_of_several_dates or provenance.source_etag == self._provenance.source_etag

    def _container(self) -> ContainerClient:
        return self._service.get_container_client(containers.HISTORY)


def _replacement_error(path: str, what: str) -> SnapshotReplacedError:
    return SnapshotReplacedError(
        f"The history snapshot {containers.HISTORY}/{path} {what} since it was listed, and rows may have "
        "been joined with it; the whole file is scored again."
    )


def _path(day: dt.date, name: str) -> str:
    return f"{day.isoformat()}/{name}{ENDING}"
