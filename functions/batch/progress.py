"""How far a run has come, for people who wait, and for `functions.batch.silent_runs`.

It is put into `runs`, apart for each version of a file. Whoever shows it leaves out versions that have been
replaced or have a result, and runs that were silent for long.
"""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING

import msgspec
from azure.core.exceptions import AzureError
from azure.storage.blob import ContentSettings

from functions.scoring.csv.byte_ranges import range_count
from functions.storage import containers
from functions.storage.output_names import JSON, progress_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from azure.storage.blob import BlobServiceClient

    from functions.batch.range_message import RangeMessage
    from functions.scoring.report.tally import Tally
    from functions.storage.pinned_blob import PinnedBlob
    from functions.storage.range_store import RangeDone

PAUSE_SECONDS = 2.0
"""Between two puts of a version's progress; most files in one piece are done sooner, and say nothing."""

MOST_REMEMBERED = 100
"""Versions of which this process knows when it put their progress; one forgotten is put a little sooner."""

_last_put: dict[str, float] = {}
_lock = Lock()

_log = logging.getLogger(__name__)


class Progress(msgspec.Struct, frozen=True):
    """How far a run has come.

    Attributes
    ----------
    source_name, source_etag : str
        The version of the file that is scored.
    ranges_done, ranges : int
        A file scored in one piece has one range.
    bytes, bytes_done : int
        Of the file; of one in ranges, those of the ranges that are done, of others those that were read.
    rows : int
        Data lines that are done.
    seconds : float
        From the run's beginning to `updated`.
    updated : datetime
        UTC.
    """

    source_name: str
    source_etag: str
    ranges_done: int
    ranges: int
    bytes: int
    bytes_done: int
    rows: int
    seconds: float
    updated: datetime


def put_progress(
    service: BlobServiceClient,
    source: PinnedBlob,
    started: datetime,
    rows: int,
    *,
    bytes_done: int,
    ranges_done: int = 0,
    ranges: int = 1,
) -> None:
    """Put a run's progress, as far as that works, unless this process did so less than a pause ago."""
    name = progress_name(source.name, source.etag)
    if time.monotonic() - _last_put.get(name, -PAUSE_SECONDS) < PAUSE_SECONDS:
        return
    now = datetime.now(UTC)
    seconds = round((now - started).total_seconds(), 1)
    progress = Progress(
        source.name, source.etag, ranges_done, ranges, source.size, bytes_done, rows, seconds, now
    )
    try:
        service.get_blob_client(containers.RUNS, name).upload_blob(
            msgspec.json.format(msgspec.json.encode(progress), indent=2) + b"\n",
            overwrite=True,
            content_settings=ContentSettings(content_type=JSON),
        )
    except AzureError as error:
        _log.info("progress of %s could not be written: %s", source.path, error)
    # After the upload, so that a slow account does not slow the run.
    _note_put(name)


def put_range_progress(
    service: BlobServiceClient,
    source: PinnedBlob,
    task: RangeMessage,
    done: Mapping[tuple[int, int], RangeDone],
    ranges_done: int,
) -> None:
    """Put the progress of a task's run; *ranges_done* leaves out those that are scored again."""
    count = range_count(task.size, task.range_bytes)
    rows = sum(each.lines for (_, revision), each in done.items() if revision == 0)
    size = source.size * ranges_done // count
    put_progress(service, source, task.started, rows, bytes_done=size, ranges_done=ranges_done, ranges=count)


def follow(
    service: BlobServiceClient, source: PinnedBlob, tally: Tally, chunks: Iterable[bytes]
) -> Iterator[bytes]:
    """Pass the chunks of a file in one piece on, and put its progress; *tally* is counted in meanwhile."""
    started = datetime.now(UTC)
    _note_put(progress_name(source.name, source.etag))
    read = 0
    for chunk in chunks:
        put_progress(service, source, started, tally.lines, bytes_done=read)
        read += len(chunk)
        yield chunk


def _note_put(name: str) -> None:
    with _lock:
        _last_put[name] = time.monotonic()
        while len(_last_put) > MOST_REMEMBERED:
            del _last_put[next(iter(_last_put))]
