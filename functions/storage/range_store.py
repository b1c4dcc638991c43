"""A file scored in ranges: where the ranges meet, and how one of them sees that all are done.

Every range stages its blocks of each output on one blob under ids of its own and leaves its rows and, last,
its record beside them. Nothing is locked and nobody coordinates: that the record is there says that the range
is done, and writing any of it again writes the same bytes. Should history have changed meanwhile, the bytes
are others, and so are the ids, which a record names: one scoring of a range is never mixed with another. A
range is scored anew, in a later revision, when drives turn out to be in the file twice.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus

from azure.core.exceptions import AzureError, HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import BlobClient, BlobServiceClient, StorageErrorCode

from functions.storage import containers
from functions.storage.errors import RangeGoneError
from functions.storage.output_names import CSV, run_folder
from functions.storage.pinned_blob import PinnedBlob
from functions.storage.staged_writer import StagedWriter

RECORD = re.compile(r"(\d{6})\.(\d)\.json")
"""Name of a range's record: index and revision."""

TO_REPEAT = "to-repeat.txt"

AFTER_RANGES = "9999990"
"""Prefix of the blocks after those of all ranges, as long as theirs: index and revision."""

SETTLED = "settled/"
"""Folder of what all ranges must see alike."""

LINES = "lines"
"""Metadata of a record: data lines of its range."""


class RangeRun:
    """The blobs by which the ranges of one run meet; *name* tells runs on one source version apart."""

    def __init__(self, service: BlobServiceClient, source: PinnedBlob, name: str) -> None:
        self._container = service.get_container_client(containers.RUNS)
        self._folder = f"{run_folder(source)}/{name}"

    def scored(self, index: int, revision: int) -> StagedWriter:
        """Return the writer of a range's part of the scored CSV; stage it, never commit it."""
        return StagedWriter(self._blob("output.csv"), prefix=f"{index:06d}{revision}")

    def rejects(self, index: int, revision: int) -> StagedWriter:
        """Return the writer of a range's part of the rejects; stage it, never commit it."""
        return StagedWriter(self._blob("output.rejects.csv"), prefix=f"{index:06d}{revision}")

    def keep(self, index: int, revision: int, rows: bytes, record: bytes, lines: int) -> None:
        """Leave a range's rows, and then its record, of so many data lines: the range is done."""
        self._leave(f"{index:06d}.{revision}.rows.arrow", rows)
        self._leave(f"{index:06d}.{revision}.json", record, {LINES: str(lines)})

    def done(self) -> dict[tuple[int, int], int]:
        """Return how many data lines every range has that is done, by index and revision."""
        found = {}
        for blob in self._container.list_blobs(name_starts_with=f"{self._folder}/", include=["metadata"]):
            if match := RECORD.fullmatch(blob.name[len(self._folder) + 1 :]):
                found[int(match[1]), int(match[2])] = int((blob.metadata or {}).get(LINES, 0))
        return found

    def record_of(self, index: int, revision: int) -> bytes:
        """Return a range's record; RangeGoneError when another range completed the file and cleaned up."""
        return self._load(f"{index:06d}.{revision}.json")

    def rows_of(self, index: int, revision: int) -> bytes:
        """Return a range's rows; RangeGoneError as `record_of`."""
        return self._load(f"{index:06d}.{revision}.rows.arrow")

    def settle(self, name: str, find: Callable[[], bytes]) -> bytes:
        """Return what the run's first range that asked has found, whatever another would find now."""
        with contextlib.suppress(RangeGoneError):
            return self._load(f"{SETTLED}{name}")
        found = find()
        try:
            self._blob(f"{SETTLED}{name}").upload_blob(found, overwrite=False, validate_content=True)
        except ResourceExistsError:
            return self._load(f"{SETTLED}{name}")
        return found

    def to_repeat(self) -> list[int] | None:
        """Return which ranges are scored again; None as long as their drives have not been compared."""
        with contextlib.suppress(RangeGoneError):
            return [int(index) for index in self._load(TO_REPEAT).split()]
        return None

    def repeat(self, ranges: Mapping[int, bytes]) -> None:
        """Leave what each of some ranges has to know to be scored again, and then which they are."""
        for index, found in ranges.items():
            self._leave(f"{index:06d}.repeats.json", found)
        text = " ".join(str(index) for index in sorted(ranges))
        self._leave(TO_REPEAT, text.encode())

    def repeats_of(self, index: int) -> bytes:
        """Return the repeated lines that a range needs to be scored again; RangeGoneError as `record_of`."""
        return self._load(f"{index:06d}.repeats.json")

    def assembled(self, scored: Sequence[str], rejects: Sequence[str]) -> tuple[StagedWriter, StagedWriter]:
        """Return the writers of the whole scored CSV and rejects.

        They commit staged blocks in this order, and then what is written to them.
        """
        blobs = self._blob("output.csv"), self._blob("output.rejects.csv")
        of_scored, of_rejects = (
            StagedWriter(blob, content_type=CSV, staged=staged, prefix=AFTER_RANGES)
            for blob, staged in zip(blobs, (scored, rejects), strict=True)
        )
        return of_scored, of_rejects

    def forget(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Delete what the run left, as far as that works; the lifecycle policy deletes the rest."""
        names = [TO_REPEAT, "output.csv", "output.rejects.csv"]
        for index, revision in ranges:
            stem = f"{index:06d}.{revision}"
            names += [f"{stem}.json", f"{stem}.rows.arrow"]
            if revision:
                names.append(f"{index:06d}.repeats.json")
        with contextlib.suppress(AzureError):
            settled = self._container.list_blob_names(name_starts_with=f"{self._folder}/{SETTLED}")
            names += [name[len(self._folder) + 1 :] for name in settled]
        for name in names:
            with contextlib.suppress(AzureError):
                self._blob(name).delete_blob()

    def _leave(self, name: str, data: bytes, metadata: Mapping[str, str] | None = None) -> None:
        # With an MD5: the service refuses what was damaged on the way.
        self._blob(name).upload_blob(
            data, overwrite=True, validate_content=True, metadata=dict(metadata or {})
        )

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
    """Whether staged blocks are gone: a week old, or published and cleaned up by another instance.

    It shows at the commit, or at the copy of a blob committed just before.
    """
    code = getattr(error, "error_code", None)
    if error.status_code == HTTPStatus.NOT_FOUND:
        return code != StorageErrorCode.CONTAINER_NOT_FOUND
    return code == "InvalidBlockList"


def _gone(blob: BlobClient) -> RangeGoneError:
    return RangeGoneError(f"{blob.container_name}/{blob.blob_name} is not there, or no longer.")
