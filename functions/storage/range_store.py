"""A file scored in ranges: where the ranges meet, and how one of them sees that all are done.

Every range stages its blocks of each output on one blob under ids of its own and leaves its rows and, last,
its record beside them. Nothing is locked and nobody coordinates: that the record is there says that the range
is done, and writing any of it again writes the same bytes. Should history have changed meanwhile, the bytes
are others, and so are the ids, which a record names: one scoring of a range is never mixed with another. A
range is scored anew, in a later revision, when serial numbers turn out to be in the file twice on a date.

All of it is sealed (`functions.scoring.seal`): a damaged blob is as good as gone.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import NamedTuple

from azure.core.exceptions import AzureError, HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import BlobClient, BlobServiceClient, StorageErrorCode

from functions.scoring.seal import DamagedError, seal, unseal
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

LINES, APP_VERSION = "lines", "app_version"
"""Metadata of a record, see `RangeDone`."""


class RangeDone(NamedTuple):
    """A record, as the listing shows it.

    Attributes
    ----------
    lines : int
        Data lines of its range.
    app_version : str
        Of the app that scored it, in whatever format; "" where the metadata names none.
    """

    lines: int
    app_version: str


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

    def keep(self, index: int, revision: int, rows: bytes, record: bytes, done: RangeDone) -> None:
        """Leave a range's rows, and then its record: the range is done."""
        self._leave(f"{index:06d}.{revision}.rows.arrow", rows)
        metadata = {LINES: str(done.lines), APP_VERSION: done.app_version}
        self._leave(f"{index:06d}.{revision}.json", record, metadata)

    def done(self) -> dict[tuple[int, int], RangeDone]:
        """Return every range that is done, by index and revision."""
        found = {}
        for blob in self._container.list_blobs(name_starts_with=f"{self._folder}/", include=["metadata"]):
            if match := RECORD.fullmatch(blob.name[len(self._folder) + 1 :]):
                metadata = blob.metadata or {}
                at, lines = (int(match[1]), int(match[2])), metadata.get(LINES, "")
                # For the progress alone: no number there is no reason to stop.
                found[at] = RangeDone(int(lines) if lines.isdecimal() else 0, metadata.get(APP_VERSION, ""))
        return found

    def record_of(self, index: int, revision: int) -> bytes:
        """Return a range's record; RangeGoneError when it is damaged, or another range has cleaned up."""
        return self._load(f"{index:06d}.{revision}.json")

    def rows_of(self, index: int, revision: int) -> bytes:
        """Return a range's rows; RangeGoneError as `record_of`."""
        return self._load(f"{index:06d}.{revision}.rows.arrow")

    def settle(self, name: str, find: Callable[[], bytes]) -> bytes:
        """Return what the first that asked for the run has found, whatever another would find now.

        RangeGoneError when that is damaged.
        """
        with contextlib.suppress(RangeGoneError):
            return self._load(f"{SETTLED}{name}")
        found = find()
        try:
            self._blob(f"{SETTLED}{name}").upload_blob(seal(found), overwrite=False, validate_content=True)
        except ResourceExistsError:
            return self._load(f"{SETTLED}{name}")
        return found

    def to_repeat(self) -> list[int] | None:
        """Return which ranges are scored again; None as long as their rows have not been compared.

        None as well if that is damaged: comparing them again finds the same.
        """
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
        """Return what a range has to know to be scored again; RangeGoneError as `record_of`."""
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
            seal(data), overwrite=True, validate_content=True, metadata=dict(metadata or {})
        )

    def _load(self, name: str) -> bytes:
        blob = self._blob(name)
        try:
            content, dates = unseal(blob.download_blob().readall())
        except ResourceNotFoundError as error:
            raise _gone(blob, "is not there, or no longer") from error
        except DamagedError as error:
            raise _gone(blob, f"is damaged: {error}") from error
        if dates is None:
            raise _gone(blob, "is damaged: it has no seal")
        return bytes(content)

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


def _gone(blob: BlobClient, why: str) -> RangeGoneError:
    return RangeGoneError(f"{blob.container_name}/{blob.blob_name} {why}.")
