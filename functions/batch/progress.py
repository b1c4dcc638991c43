"""How far a run has come, for people who wait: ``<path>.progress.json``, which nothing else depends on.

It stays when the file is scored. A run that ends otherwise takes its own away: it would say for ever that it
is running.
"""

from __future__ import annotations

import contextlib
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from azure.core import MatchConditions
from azure.core.exceptions import (
    AzureError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.storage.blob import ContentSettings

from functions.scoring.telemetry import file_stem
from functions.storage import containers
from functions.storage.output_names import JSON

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from azure.storage.blob import BlobClient, BlobProperties, BlobServiceClient

    from functions.scoring.report.tally import Tally
    from functions.storage.pinned_blob import PinnedBlob

PROGRESS = ".progress.json"

ATTEMPTS = 5
"""Of writing a progress while others write theirs; the next range that is done tells it anyway."""

_log = logging.getLogger(__name__)


class Progress(msgspec.Struct, frozen=True):
    """How far a run has come.

    Attributes
    ----------
    ranges_done, ranges : int
        A file scored in one piece has one range.
    bytes : int
        Of the file.
    seconds : float
        Since the run began.
    updated : datetime
        UTC.
    bytes_done : int
        Of a file in ranges, those of the ranges that are done; of a file in one piece, those that were read.
    rows : int
        Data lines that are done.
    started : datetime
        When the run began, UTC: tells it from others on the same version of the file.
    """

    ranges_done: int
    ranges: int
    bytes: int
    seconds: float
    updated: datetime
    bytes_done: int
    rows: int
    started: datetime

    @classmethod
    def of_ranges(cls, done: int, ranges: int, size: int, rows: int, started: datetime) -> Progress:
        """Return what is known now."""
        now = datetime.now(UTC)
        seconds = round((now - started).total_seconds(), 1)
        return cls(done, ranges, size, seconds, now, size * done // ranges, rows, started)


def write_progress(service: BlobServiceClient, source: PinnedBlob, progress: Progress) -> None:
    """Write a run's progress, as far as that works, and unless that would be a step back.

    A late copy of a message knows less than what is there. Less than before is only written by a run that
    began later: it begins anew. A run whose file has been replaced takes back what it wrote before, and
    leaves what others wrote.
    """
    blob = service.get_blob_client(containers.PREDICTIONS, file_stem(source.name) + PROGRESS)
    document = msgspec.to_builtins(progress) | {"source_etag": source.etag}
    data = msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
    try:
        for _ in range(ATTEMPTS):
            with contextlib.suppress(ResourceModifiedError, ResourceExistsError):
                condition = _condition(blob, source, progress)
                # Asked after the look at what is there: the newer run cannot have written in between.
                if not source.is_current():
                    drop_progress(service, source.name, source.etag)
                elif condition is not None:
                    blob.upload_blob(
                        data,
                        content_settings=ContentSettings(content_type=JSON),
                        metadata=_metadata(source, progress),
                        **condition,
                    )
                return
    except AzureError as error:
        _log.info("progress of %s could not be written: %s", source.path, error)


def drop_progress(service: BlobServiceClient, name: str, etag: str) -> None:
    """Delete the progress of a run that is over without a result, as far as that works.

    Parameters
    ----------
    service : BlobServiceClient
    name : str
        Path of the file in the container `telemetry`.
    etag : str
        The version that was scored, with quotes. Progress of another one stays.
    """
    blob = service.get_blob_client(containers.PREDICTIONS, file_stem(name) + PROGRESS)
    try:
        for _ in range(ATTEMPTS):
            found = blob.get_blob_properties()
            if _held(found).get("source_etag") != etag:
                return
            with contextlib.suppress(ResourceModifiedError):
                blob.delete_blob(etag=found.etag, match_condition=MatchConditions.IfNotModified)
                return
    except ResourceNotFoundError:
        pass
    except AzureError as error:
        _log.info("progress of %s could not be deleted: %s", name, error)


def _held(found: BlobProperties) -> dict[str, str]:
    return {key.lower(): value for key, value in (found.metadata or {}).items()}


def _metadata(source: PinnedBlob, progress: Progress) -> dict[str, str]:
    return {
        "source_etag": source.etag,
        "run_started": progress.started.isoformat(),
        "bytes_done": str(progress.bytes_done),
    }


def _condition(blob: BlobClient, source: PinnedBlob, progress: Progress) -> dict[str, Any] | None:
    """Return on which condition a run's progress is written; None if there is more of it already."""
    try:
        found = blob.get_blob_properties()
    except ResourceNotFoundError:
        return {"overwrite": False}
    held = _held(found)
    with contextlib.suppress(KeyError, ValueError, TypeError):  # somebody changed it by hand
        same_version = held["source_etag"] == source.etag
        began_later = progress.started > datetime.fromisoformat(held["run_started"])
        if same_version and not began_later and progress.bytes_done < int(held["bytes_done"]):
            return None
    return {"overwrite": True, "etag": found.etag, "match_condition": MatchConditions.IfNotModified}


QUIET_SECONDS = 2.0
"""Nothing is written before this, and after this only as often: most files are done sooner."""


class WholeFileProgress:
    """Writes the progress of one file.

    Parameters
    ----------
    service : BlobServiceClient
    source : PinnedBlob
    tally : Tally
        Is counted in while the file is scored.
    """

    def __init__(self, service: BlobServiceClient, source: PinnedBlob, tally: Tally) -> None:
        self._service = service
        self._source = source
        self._tally = tally
        self._started = datetime.now(UTC)
        self._last = self._started
        self._told = False

    def follow(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Pass the chunks on; a file that is read again begins anew."""
        read = 0
        for chunk in chunks:
            if (datetime.now(UTC) - self._last).total_seconds() >= QUIET_SECONDS:
                self._tell(read, done=False)
            read += len(chunk)
            yield chunk

    def finish(self) -> None:
        """Say that the file is done, if anything was said before."""
        if self._told:
            self._tell(self._source.size, done=True)

    def give_up(self) -> None:
        """Take back what was said, if anything: there is no result."""
        if self._told:
            drop_progress(self._service, self._source.name, self._source.etag)
            self._told = False

    def _tell(self, read: int, *, done: bool) -> None:
        now = datetime.now(UTC)
        seconds = round((now - self._started).total_seconds(), 1)
        size, lines = self._source.size, self._tally.lines
        progress = Progress(int(done), 1, size, seconds, now, read, lines, self._started)
        write_progress(self._service, self._source, progress)
        # After the upload, so that a slow account does not slow the run.
        self._last, self._told = datetime.now(UTC), True
