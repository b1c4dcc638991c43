"""How far runs have come, as the app writes it."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobServiceClient

from functions.batch.progress import Progress
from functions.errors import NO_JSON
from functions.scoring.telemetry import file_stem
from functions.storage.containers import RUNS
from functions.storage.output_names import PROGRESS, progress_name
from ops.errors import OpsError
from ops.outputs import telemetry_files
from ops.outputs.telemetry_files import TelemetryBlob

SILENT = timedelta(minutes=10)
"""A run silent for longer is not shown: it was killed, and will be delivered again."""


def of_version(blobs: BlobServiceClient, name: str, etag: str) -> Progress | None:
    """Return what the run on a version of a file says; None when it says nothing that can be read."""
    return _read(blobs, progress_name(name, etag))


def running(blobs: BlobServiceClient, now: datetime) -> dict[str, Progress]:
    """Return the runs that go on, by the path of their outputs without ending.

    Left out are versions that have been replaced and those that have a result.
    """
    found: dict[str, Progress] = {}
    try:
        recent = [
            str(blob.name)
            for blob in blobs.get_container_client(RUNS).list_blobs(name_starts_with=PROGRESS)
            if now - blob.last_modified < SILENT
        ]
    except ResourceNotFoundError:
        return found
    for name in recent:
        progress = _read(blobs, name)
        if progress is None:
            continue
        file = telemetry_files.current(blobs, progress.source_name)
        if file is None or file.etag != progress.source_etag.strip('"'):
            continue
        if not _has_result(blobs, file):
            found[file_stem(progress.source_name)] = progress
    return dict(sorted(found.items()))


def _has_result(blobs: BlobServiceClient, file: TelemetryBlob) -> bool:
    try:
        summary = telemetry_files.summary_of(blobs, file)
    except OpsError:  # it cannot be read
        return False
    return summary is not None and summary.is_final


def _read(blobs: BlobServiceClient, name: str) -> Progress | None:
    try:
        content = blobs.get_blob_client(RUNS, name).download_blob().readall()
        return msgspec.json.decode(content, type=Progress)
    except (ResourceNotFoundError, *NO_JSON):
        return None
