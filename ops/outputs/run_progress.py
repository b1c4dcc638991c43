"""How far runs have come, as the app writes it beside their outputs."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobServiceClient

from ops.app.storage_account import PREDICTIONS

ENDING = ".progress.json"

SILENT = timedelta(minutes=10)
"""A run silent for longer is not shown: it was killed, and will be delivered again."""


class RunProgress(msgspec.Struct, frozen=True):
    """Progress of one run; fields not named here are left alone.

    Attributes
    ----------
    ranges_done, ranges : int
        A file scored in one piece has one range.
    seconds : float
        From the run's beginning to `updated`, UTC.
    source_etag : str
        The version of the file that is scored.
    rows : int or None
        Data lines done, where they are known.
    """

    ranges_done: int
    ranges: int
    bytes: int
    bytes_done: int
    seconds: float
    updated: datetime
    source_etag: str
    rows: int | None = None

    def is_running(self, now: datetime) -> bool:
        """Whether the run goes on, as far as can be told."""
        return self.ranges_done < self.ranges and now - self.updated < SILENT


def of_stem(blobs: BlobServiceClient, stem: str) -> RunProgress | None:
    """Return what a file's run says; None when it says nothing, or nothing that can be read."""
    try:
        content = blobs.get_blob_client(PREDICTIONS, stem + ENDING).download_blob().readall()
        return msgspec.json.decode(content, type=RunProgress)
    except (ResourceNotFoundError, msgspec.MsgspecError):
        return None


def running(blobs: BlobServiceClient, now: datetime) -> dict[str, RunProgress]:
    """Return the runs that go on, by the path of their outputs without ending."""
    container = blobs.get_container_client(PREDICTIONS)
    found: dict[str, RunProgress] = {}
    try:
        recent = [
            str(blob.name).removesuffix(ENDING)
            for blob in container.list_blobs()
            if str(blob.name).endswith(ENDING) and now - blob.last_modified < SILENT
        ]
    except ResourceNotFoundError:
        return found
    for stem in sorted(recent):
        told = of_stem(blobs, stem)
        if told is not None and told.is_running(now):
            found[stem] = told
    return found
