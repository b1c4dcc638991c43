"""How far a run has come, for people who wait: ``<path>.progress.json``, which nothing else depends on."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
from azure.core.exceptions import AzureError
from azure.storage.blob import ContentSettings

from functions.storage import containers
from functions.storage.run_outputs import JSON, output_stem

if TYPE_CHECKING:
    from azure.storage.blob import BlobServiceClient

    from functions.storage.pinned_blob import PinnedBlob

PROGRESS = ".progress.json"

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
    """

    ranges_done: int
    ranges: int
    bytes: int
    seconds: float
    updated: datetime
    bytes_done: int
    rows: int

    @classmethod
    def of_ranges(cls, done: int, ranges: int, size: int, rows: int, started: datetime) -> Progress:
        """Return what is known now."""
        now = datetime.now(UTC)
        seconds = round((now - started).total_seconds(), 1)
        return cls(done, ranges, size, seconds, now, bytes_done=size * done // ranges, rows=rows)


def write_progress(service: BlobServiceClient, source: PinnedBlob, progress: Progress) -> None:
    """Write a run's progress, as far as that works."""
    blob = service.get_blob_client(containers.PREDICTIONS, output_stem(source.name) + PROGRESS)
    document = msgspec.to_builtins(progress) | {"source_etag": source.etag}
    try:
        blob.upload_blob(
            msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n",
            overwrite=True,
            content_settings=ContentSettings(content_type=JSON),
        )
    except AzureError as error:
        _log.info("progress of %s could not be written: %s", source.path, error)
