"""Files that came to nothing: neither scored nor refused, long after their upload.

A message lives seven days in a queue; after that, only this check finds a file that was never scored.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from azure.core.exceptions import ResourceNotFoundError

from functions.scoring.telemetry import file_stem
from functions.storage.provenance import Provenance
from ops.app.storage_account import PREDICTIONS
from ops.doctor.check import Finding, failure, ok
from ops.outputs import telemetry_files
from ops.outputs.telemetry_files import summary_of

if TYPE_CHECKING:
    from azure.storage.blob import BlobServiceClient

    from ops.app.target import Target
    from ops.outputs.telemetry_files import TelemetryBlob

OVERDUE = timedelta(days=1)
LOOKED_AT = timedelta(days=30)
"""Older files are left alone: their outputs may have been deleted since."""

SHOWN = 5
"""Names in the finding."""

SUMMARY = ".summary.json"


def check_unfinished(target: Target) -> Finding:
    """Hold the files of the last month against the summaries there are."""
    found = find_unfinished(target.blobs, datetime.now(UTC))
    period = f"of those uploaded one to {LOOKED_AT.days} days ago"
    if not found:
        return ok(f"every file {period} was scored or refused")
    names = ", ".join(file.name for file in found[:SHOWN])
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return failure(
        f"neither scored nor refused {period}: {len(found)}, {names}{more}",
        "`python -m ops poison replay` has those scored again that were given up; upload the others again",
    )


def find_unfinished(blobs: BlobServiceClient, now: datetime) -> list[TelemetryBlob]:
    """Return the files uploaded between `LOOKED_AT` and `OVERDUE` ago without a final summary, oldest first.

    Costs two listings, and a request for each file that failed.
    """
    provenances: dict[str, Provenance | None] = {}
    with suppress(ResourceNotFoundError):  # the app makes the container with the first file
        for blob in blobs.get_container_client(PREDICTIONS).list_blobs(include=["metadata"]):
            if str(blob.name).endswith(SUMMARY):
                provenances[str(blob.name).removesuffix(SUMMARY)] = Provenance.read(blob.metadata)

    def is_done(file: TelemetryBlob) -> bool:
        provenance = provenances.get(file_stem(file.name))
        if provenance is None or provenance.source_etag.strip('"') != file.etag:
            return False
        if provenance.outcome == "scored":
            return True
        summary = summary_of(blobs, file)
        return summary is not None and summary.is_final

    overdue = (
        file for file in telemetry_files.list_telemetry(blobs) if OVERDUE < now - file.uploaded < LOOKED_AT
    )
    return sorted((file for file in overdue if not is_done(file)), key=lambda file: file.uploaded)
