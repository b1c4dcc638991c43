"""The newest telemetry files of an account, and the state of each."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobServiceClient

from functions.scoring.telemetry import FILE_ENDINGS, file_stem
from ops.app.storage_account import PREDICTIONS, TELEMETRY
from ops.outputs import run_summary
from ops.outputs.run_summary import RunSummary

type FileProgress = Literal["scored", "refused", "failed", "given up", "waiting"]


@dataclass(frozen=True)
class TelemetryBlob:
    """One file of the container telemetry: its ETag without quotes, its bytes, its upload in UTC."""

    name: str
    etag: str
    size: int
    uploaded: datetime


def newest(blobs: BlobServiceClient, count: int) -> list[TelemetryBlob]:
    """Return the telemetry files uploaded last, newest first; empty also when there is no such container."""
    try:
        return heapq.nlargest(count, list_telemetry(blobs), key=lambda file: (file.uploaded, file.name))
    except ResourceNotFoundError:
        return []


def current(blobs: BlobServiceClient, name: str) -> TelemetryBlob | None:
    """Return a file of the container telemetry as it is now; None when there is none."""
    try:
        found = blobs.get_blob_client(TELEMETRY, name).get_blob_properties()
    except ResourceNotFoundError:
        return None
    return TelemetryBlob(name, str(found.etag).strip('"'), int(found.size), found.last_modified)


def list_telemetry(blobs: BlobServiceClient) -> Iterator[TelemetryBlob]:
    """Yield every telemetry file, by name; ResourceNotFoundError when there is no such container."""
    for blob in blobs.get_container_client(TELEMETRY).list_blobs():
        if str(blob.name).lower().endswith(FILE_ENDINGS):
            etag = str(blob.etag).strip('"')
            yield TelemetryBlob(str(blob.name), etag, int(blob.size), blob.last_modified)


def summary_of(blobs: BlobServiceClient, file: TelemetryBlob) -> RunSummary | None:
    """Return the run summary of exactly this version of a file; None while there is none.

    Raises
    ------
    OpsError
        When there is a summary that cannot be read.
    """
    summary = _summary_in_place(blobs, file)
    return summary if summary and summary.source.etag.strip('"') == file.etag else None


def name_taken_by(blobs: BlobServiceClient, file: TelemetryBlob) -> str | None:
    """Return which other file has its outputs where those of this one would be; None when there is none.

    ``day.csv`` and ``day.json`` have outputs of one name; the app keeps those of the file that was first.
    OpsError as `summary_of`.
    """
    summary = _summary_in_place(blobs, file)
    return None if summary is None or summary.source.name == file.name else summary.source.name


def _summary_in_place(blobs: BlobServiceClient, file: TelemetryBlob) -> RunSummary | None:
    blob = blobs.get_blob_client(PREDICTIONS, f"{file_stem(file.name)}.summary.json")
    try:
        return run_summary.read(bytes(blob.download_blob().readall()))
    except ResourceNotFoundError:
        return None


def progress(summary: RunSummary | None, *, given_up: bool = False) -> FileProgress:
    """Return the state of a file by the summary of this version of it.

    ``refused`` when the fault is the file's, ``failed`` when a run could not score it and it is tried again,
    ``given up`` when it is not (a record of this version says so), ``waiting`` without a summary.
    """
    if summary is not None and summary.is_final:
        return "scored" if summary.status == "scored" else "refused"
    if given_up:
        return "given up"
    return "waiting" if summary is None else "failed"
