"""Tries of a whole file in which the process died: the blob trigger does not say which of five this one is.

A try leaves a mark when it begins and takes it away when it ends, well or not. A mark that is there already
is of a try that was killed, or of a copy of the message that is being worked on. Almost every file has no
such past, and that can be seen without a request, as far as it matters: `_may_have_died` says how.
"""

from __future__ import annotations

import contextlib
import logging
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from azure.core.exceptions import AzureError, ResourceExistsError

from functions.storage import containers
from functions.storage.output_names import run_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azure.storage.blob import BlobClient, BlobServiceClient

    from functions.storage.pinned_blob import PinnedBlob

LATE = timedelta(seconds=2)
"""After its upload a file is tried late: a worker that died takes longer to be back."""

YOUNG_SECONDS = 60.0
"""A process is young as long after its first file: another may have died just before it."""

SMALL_BYTES = 1024 * 1024
"""Below this the requests would be felt."""

MARKS = 5
"""At most: as many as there are tries."""

_first_file = time.monotonic()

_log = logging.getLogger(__name__)


@contextlib.contextmanager
def marked_try(service: BlobServiceClient, source: PinnedBlob) -> Iterator[int]:
    """Mark a try for as long as it runs; give how many others left their marks.

    As far as that works: a try that cannot be marked is run all the same.

    Parameters
    ----------
    service : BlobServiceClient
    source : PinnedBlob

    Yields
    ------
    int
        0 where no earlier try can be suspected. Too low by the tries that were not marked; too high by
        copies of the message that are being worked on.
    """
    others, mark = 0, None
    if _may_have_died(source):
        try:
            others, mark = _leave_mark(service, source)
        except AzureError as error:
            _log.info("a try of %s could not be marked: %s", source.path, error)
    try:
        yield others
    finally:
        if mark is not None:
            with contextlib.suppress(AzureError):
                mark.delete_blob()


def _may_have_died(source: PinnedBlob) -> bool:
    """Tell a file that waited for its turn from one that may have killed a worker.

    A small file of many, taken late by a process that has been at work for long, is taken for a healthy one.
    """
    if datetime.now(UTC) - source.last_modified < LATE:
        return False
    small = source.size < SMALL_BYTES and not source.name.lower().endswith(".gz")
    return not small or time.monotonic() - _first_file < YOUNG_SECONDS


def _leave_mark(service: BlobServiceClient, source: PinnedBlob) -> tuple[int, BlobClient | None]:
    for number in range(MARKS):
        mark = service.get_blob_client(containers.RUNS, f"{run_folder(source)}/try-{number + 1}")
        try:
            mark.upload_blob(b"", overwrite=False)
        except ResourceExistsError:
            continue
        return number, mark
    return MARKS, None
