"""A file scored in ranges: where the ranges meet, and how one of them sees that all are done.

Every range stages its blocks on one blob under ids of its own and leaves its rows, its rejects and, last,
its record beside it. Nothing is locked and nobody coordinates: the record's being there is the range's being
done, and writing any of it again writes the same bytes. A range is scored anew, in a later revision, when
drives turn out to be in the file twice.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Sequence

from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError
from azure.storage.blob import BlobClient, BlobServiceClient

from functions.storage import containers
from functions.storage.errors import RangeGoneError
from functions.storage.pinned_blob import PinnedBlob
from functions.storage.run_outputs import CSV, run_folder
from functions.storage.staged_writer import StagedWriter

RECORD = re.compile(r"(\d{6})\.(\d)\.json")
"""Name of a range's record: index and revision."""

REPEATED = "repeated.json"


class RangeRun:
    """The meeting place of the ranges of one run.

    Parameters
    ----------
    service : BlobServiceClient
        The account.
    source : PinnedBlob
        What is scored.
    name : str
        Tells runs on one version of the source apart: size of the ranges, models.
    """

    def __init__(self, service: BlobServiceClient, source: PinnedBlob, name: str) -> None:
        self._container = service.get_container_client(containers.RUNS)
        self._folder = f"{run_folder(source)}/{name}"

    def scored(self, index: int, revision: int) -> StagedWriter:
        """Return the writer of a range's part of the scored CSV; stage it, never commit it."""
        return StagedWriter(self._blob("output.csv"), prefix=f"{index:06d}{revision}")

    def rejects(self, index: int, revision: int) -> StagedWriter:
        """Return the writer of a range's rejects."""
        return StagedWriter(self._blob(f"{index:06d}.{revision}.rejects.csv"))

    def keep(self, index: int, revision: int, rows: bytes, record: bytes) -> None:
        """Leave a range's rows, and then its record: the range is done."""
        self._blob(f"{index:06d}.{revision}.rows.arrow").upload_blob(rows, overwrite=True)
        self._blob(f"{index:06d}.{revision}.json").upload_blob(record, overwrite=True)

    def done(self) -> set[tuple[int, int]]:
        """Return index and revision of every range that is done."""
        found = set()
        for path in self._container.list_blob_names(name_starts_with=f"{self._folder}/"):
            if match := RECORD.fullmatch(path[len(self._folder) + 1 :]):
                found.add((int(match[1]), int(match[2])))
        return found

    def record_of(self, index: int, revision: int) -> bytes:
        """Return a range's record.

        Raises
        ------
        RangeGoneError
            It is not there: another one completed the file and cleaned up.
        """
        return self._load(f"{index:06d}.{revision}.json")

    def rows_of(self, index: int, revision: int) -> bytes:
        """Return a range's rows.

        Raises
        ------
        RangeGoneError
            See `record_of`.
        """
        return self._load(f"{index:06d}.{revision}.rows.arrow")

    def rejects_of(self, index: int, revision: int) -> Iterator[bytes]:
        """Stream a range's rejects.

        Raises
        ------
        RangeGoneError
            See `record_of`.
        """
        blob = self._blob(f"{index:06d}.{revision}.rejects.csv")
        try:
            yield from blob.download_blob().chunks()
        except ResourceNotFoundError as error:
            raise _gone(blob) from error

    def repeated(self) -> bytes | None:
        """Return what was found of drives that are in the file twice; None before it was kept."""
        with contextlib.suppress(RangeGoneError):
            return self._load(REPEATED)
        return None

    def keep_repeated(self, found: bytes) -> None:
        """Leave what was found of drives that are in the file twice."""
        self._blob(REPEATED).upload_blob(found, overwrite=True)

    def assembled(self, blocks: Sequence[str]) -> StagedWriter:
        """Return the writer of the whole scored CSV, which commits the staged blocks in this order."""
        return StagedWriter(self._blob("output.csv"), content_type=CSV, staged=blocks)

    def forget(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Delete what the run left, as far as that works; the lifecycle policy deletes the rest."""
        names = [REPEATED, "output.csv"]
        for index, revision in ranges:
            stem = f"{index:06d}.{revision}"
            names += [f"{stem}.json", f"{stem}.rows.arrow", f"{stem}.rejects.csv"]
        for name in names:
            with contextlib.suppress(AzureError):
                self._blob(name).delete_blob()

    def _load(self, name: str) -> bytes:
        blob = self._blob(name)
        try:
            data: bytes = blob.download_blob().readall()
        except ResourceNotFoundError as error:
            raise _gone(blob) from error
        return data

    def _blob(self, name: str) -> BlobClient:
        return self._container.get_blob_client(f"{self._folder}/{name}")


def blocks_are_gone(error: HttpResponseError) -> bool:
    """Whether a commit failed because staged blocks are there no more, a week old or dropped."""
    return getattr(error, "error_code", None) == "InvalidBlockList"


def _gone(blob: BlobClient) -> RangeGoneError:
    return RangeGoneError(f"{blob.container_name}/{blob.blob_name} is not there, or no longer.")
