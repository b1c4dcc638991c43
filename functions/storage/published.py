"""State of a source's version by its summary, written last: scored, failed, or nothing yet."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import msgspec
from azure.core.exceptions import ResourceNotFoundError

from functions.errors import NO_JSON
from functions.scoring.telemetry import file_stem
from functions.storage import containers
from functions.storage.output_names import REJECTS, REPORT, SCORED, SUMMARY
from functions.storage.provenance import Provenance
from functions.storage.publish import look, refuse_leased, refuse_taken

if TYPE_CHECKING:
    from collections.abc import Iterable

    from azure.storage.blob import BlobClient, BlobProperties, BlobServiceClient

    from functions.storage.pinned_blob import PinnedBlob


def already_done(service: BlobServiceClient, source: PinnedBlob, model_version: str) -> bool:
    """Whether this model version has scored this version of the source, so that a redelivery can stop.

    A failed run does not count: its cause may be gone.

    Raises
    ------
    OutputTakenError, OutputLeasedError
        Another source file with the same output name has a result and still exists, or an output cannot be
        replaced: raised before the work rather than after it, and before history is replaced. Publishing asks
        again.
    """
    mine = Provenance.of(source, model_version)
    summary, found = _summary(service, source)
    if found is None:
        return False
    if held := Provenance.read(found.metadata):
        refuse_taken(service, held, mine, summary)
    held = _scored_stamp(found)
    if held is not None and held.same_work(mine):
        return True
    refuse_leased(found, summary)
    refuse_leased_outputs(service, source, (SCORED, REJECTS, REPORT))
    return False


def refuse_leased_outputs(
    service: BlobServiceClient,
    source: PinnedBlob,
    endings: Iterable[str] = (SCORED, REJECTS, REPORT, SUMMARY),
) -> None:
    """Raise `OutputLeasedError` if a client holds a lease on an output of a source."""
    for ending in endings:
        look(service.get_blob_client(containers.PREDICTIONS, file_stem(source.name) + ending))


def is_scored(service: BlobServiceClient, source: PinnedBlob) -> bool:
    """Whether any model version has scored this version of the source."""
    held = _scored_stamp(_summary(service, source)[1])
    return (
        held is not None and held.same_source(Provenance.of(source, "")) and held.source_etag == source.etag
    )


class FailedError(msgspec.Struct):
    """Why a file failed, as its summary says."""

    code: str
    detail: str


class FailedSummary(msgspec.Struct):
    """The fields read of a summary that says failed."""

    error: FailedError
    model_version: str


def failure_of(service: BlobServiceClient, source: PinnedBlob) -> FailedSummary | None:
    """Return the summary of this version of the source, if it says that it failed."""
    summary, found = _summary(service, source)
    held = None if found is None else Provenance.read(found.metadata)
    if held is not None and held.outcome == "failed" and held.source_etag == source.etag:
        with contextlib.suppress(ResourceNotFoundError, *NO_JSON):  # gone just now, or not ours
            return msgspec.json.decode(summary.download_blob().readall(), type=FailedSummary)
    return None


def _summary(service: BlobServiceClient, source: PinnedBlob) -> tuple[BlobClient, BlobProperties | None]:
    """Return where a source's summary is, and its properties if it is there."""
    summary = service.get_blob_client(containers.PREDICTIONS, file_stem(source.name) + SUMMARY)
    try:
        return summary, summary.get_blob_properties()
    except ResourceNotFoundError:
        return summary, None


def _scored_stamp(found: BlobProperties | None) -> Provenance | None:
    """Return the provenance of the summary that was found; None unless it says that a file was scored."""
    if found is None:
        return None
    held = Provenance.read(found.metadata)
    if held is None or held.outcome != "scored" or found.copy.status in ("pending", "failed", "aborted"):
        return None
    return held
