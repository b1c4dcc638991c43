"""The newest telemetry files of an account, and what became of each."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobServiceClient

from ops import run_summary
from ops.run_summary import RunSummary
from ops.storage_account import PREDICTIONS, TELEMETRY

ENDINGS = (".csv.gz", ".csv")
"""Files of other names are left alone by the app."""

type FileProgress = Literal["scored", "refused", "failed", "waiting"]


@dataclass(frozen=True)
class TelemetryFile:
    """One file of the container telemetry.

    Parameters
    ----------
    name : str
        In the container.
    etag : str
        Its version, without quotes.
    size : int
        Bytes.
    uploaded : datetime
        UTC.
    """

    name: str
    etag: str
    size: int
    uploaded: datetime


def newest(blobs: BlobServiceClient, count: int) -> list[TelemetryFile]:
    """Return the telemetry files uploaded last.

    Parameters
    ----------
    blobs : BlobServiceClient
        The account.
    count : int
        How many at most.

    Returns
    -------
    list of TelemetryFile
        Newest first; empty also when there is no such container.
    """
    found = (
        TelemetryFile(str(blob.name), str(blob.etag).strip('"'), int(blob.size), blob.last_modified)
        for blob in blobs.get_container_client(TELEMETRY).list_blobs()
        if str(blob.name).lower().endswith(ENDINGS)
    )
    try:
        return heapq.nlargest(count, found, key=lambda file: (file.uploaded, file.name))
    except ResourceNotFoundError:
        return []


def stem(name: str) -> str:
    """Return the path of a file's outputs without ending."""
    for ending in ENDINGS:
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return name


def summary_of(blobs: BlobServiceClient, file: TelemetryFile) -> RunSummary | None:
    """Return the run summary of exactly this version of a file; None while there is none.

    Parameters
    ----------
    blobs : BlobServiceClient
        The account.
    file : TelemetryFile
        Which.

    Raises
    ------
    OpsError
        When there is a summary that cannot be read.
    """
    blob = blobs.get_blob_client(PREDICTIONS, f"{stem(file.name)}.summary.json")
    try:
        summary = run_summary.read(bytes(blob.download_blob().readall()))
    except ResourceNotFoundError:
        return None
    return summary if summary.source.etag.strip('"') == file.etag else None


def progress(summary: RunSummary | None) -> FileProgress:
    """Return what a file's summary says of it.

    Returns
    -------
    {"scored", "refused", "failed", "waiting"}
        ``refused`` when the fault is the file's, ``failed`` when a run could not score it and it is tried
        again or waits in a poison queue, ``waiting`` while there is no summary.
    """
    if summary is None:
        return "waiting"
    if summary.status == "scored":
        return "scored"
    return "refused" if summary.is_final else "failed"
