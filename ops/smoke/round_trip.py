"""The step through storage: a file of three drives goes in, its scores come out."""

from __future__ import annotations

import uuid
from contextlib import suppress

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.storage.blob import BlobServiceClient

from ops.app import remedies, storage_account
from ops.app.storage_account import PREDICTIONS, TELEMETRY
from ops.errors import OpsError
from ops.outputs import run_summary
from ops.smoke import recorded
from ops.smoke.recorded import Row
from ops.smoke.step import Clock

PLACE = "smoke"
"""Folder of the container telemetry; every run has a file of its own there."""

HISTORY = "history"


def round_trip(blobs: BlobServiceClient, expected: list[Row], clock: Clock) -> str:
    """Upload the file, wait for its summary, compare its rows with *expected*, and remove what was made.

    Raises
    ------
    OpsError
        The file was not scored in time, or otherwise than recorded; it is left where it is, to be looked at.
    """
    stem = f"{PLACE}/{uuid.uuid4().hex}"
    try:
        uploaded = blobs.get_blob_client(TELEMETRY, f"{stem}.csv").upload_blob(recorded.DRIVES.read_bytes())
    except ResourceNotFoundError:
        raise OpsError(
            f"there is no container {TELEMETRY}; deploy the infrastructure ({remedies.INFRA}), or start the "
            "app (`make start`)"
        ) from None
    etag = str(uploaded["etag"]).strip('"')

    def is_ours(content: bytes) -> bool:
        summary = run_summary.read(content)
        return summary.source.etag.strip('"') == etag and summary.is_final

    try:
        content = storage_account.wait_for(
            blobs, f"{stem}.summary.json", accept=is_ours, check=clock.check, seconds=clock.left
        )
    except OpsError as error:
        raise OpsError(
            f"{TELEMETRY}/{stem}.csv was not scored: {error}. `python -m ops doctor` finds the broken link"
        ) from None
    summary = run_summary.read(content)
    if summary.status != "scored":
        why = f"{summary.error.title}: {summary.error.detail}" if summary.error else summary.status
        raise OpsError(f"{TELEMETRY}/{stem}.csv was not scored. {why}")
    scored = bytes(blobs.get_blob_client(PREDICTIONS, f"{stem}.csv").download_blob().readall())
    rejected = summary.lines.rejected if summary.lines else None
    wrong = recorded.differences(recorded.rows(scored), expected)
    if rejected != 0:
        wrong.insert(0, f"{rejected} lines rejected where none is faulty")
    if wrong:
        raise OpsError(f"{PREDICTIONS}/{stem}.csv is not as recorded: {'; '.join(wrong)}")
    _remove(blobs, stem, sorted({row["date"] for row in expected}))
    return f"{len(expected)} rows through {TELEMETRY} and {PREDICTIONS}, as recorded"


def _remove(blobs: BlobServiceClient, stem: str, dates: list[str]) -> None:
    """Delete the file, its outputs and its history snapshots; what may not be deleted stays."""
    outputs = blobs.get_container_client(PREDICTIONS).list_blob_names(name_starts_with=f"{stem}.")
    doomed = [(TELEMETRY, f"{stem}.csv"), *((PREDICTIONS, name) for name in outputs)]
    doomed += [(HISTORY, f"{date}/{stem}.arrow") for date in dates]
    for container, name in doomed:
        with suppress(HttpResponseError):
            blobs.get_blob_client(container, name).delete_blob()
