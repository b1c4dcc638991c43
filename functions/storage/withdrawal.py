"""Withdrawal from history: a file of several dates that is replaced leaves no snapshot of its wrong version.

Nothing is remembered for it. A summary says how many dates its file had; one that is replaced, and does not
say one, has the container `history` listed once. So has a snapshot of a file of several dates that its newer
version replaces, as where no summary had been written yet. Ordinary files cost no request more.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from azure.core import MatchConditions
from azure.core.exceptions import ResourceModifiedError, ResourceNotFoundError

from functions.scoring.telemetry import file_stem
from functions.storage import containers
from functions.storage.errors import SourceChangedError
from functions.storage.pinned_blob import listed_etag
from functions.storage.provenance import Provenance

if TYPE_CHECKING:
    from azure.storage.blob import BlobProperties, BlobServiceClient

    from functions.storage.pinned_blob import PinnedBlob

ENDING = ".arrow"


def may_have_left_several(held: Provenance | None, mine: Provenance) -> bool:
    """Whether the version of the file that a summary is of can have snapshots that are to be withdrawn.

    A failed one can: its snapshots come before its outputs, and it may have replaced another's summary.
    """
    if held is None or not held.same_source(mine):
        return False
    if held.outcome == "failed":
        return True
    return held.source_etag != mine.source_etag and held.source_dates not in (0, 1)


def withdraw_earlier(service: BlobServiceClient, source: PinnedBlob) -> None:
    """Delete what earlier versions of a file left in history, if they had several dates.

    Snapshots of other files stay, and those of a newer version: all are listed before the source is asked
    whether it is current, and each is deleted on the condition that it is as it was listed.
    """
    mine = Provenance.of(source, "")
    earlier = {
        name: etag
        for name, (held, etag) in _left_by(service, mine).items()
        if held.source_etag != source.etag
    }
    if earlier and source.is_current():
        _delete(service, earlier)


def withdraw_one(service: BlobServiceClient, source: PinnedBlob, name: str) -> bool:
    """Delete a snapshot that an earlier version of a file left; return False if another file did.

    Raises
    ------
    SourceChangedError
        A newer version of the source exists.
    """
    snapshot = service.get_blob_client(containers.HISTORY, name)
    try:
        found = snapshot.get_blob_properties()
    except ResourceNotFoundError:
        return True  # withdrawn before
    mine, held = Provenance.of(source, ""), Provenance.read(found.metadata)
    if held is None or not held.same_source(mine):
        return False
    if not source.is_current():
        raise SourceChangedError(f"{source.outdated_reason}.")
    if held.source_etag != source.etag:
        _delete(service, {name: str(found.etag)})
    return True


def withdraw_own(service: BlobServiceClient, source: PinnedBlob) -> None:
    """Delete what this very version of a file left, if it has several dates and has been replaced."""
    if source.is_current():
        return
    mine = Provenance.of(source, "")
    own = {
        name: etag
        for name, (held, etag) in _left_by(service, mine).items()
        if held.source_etag == source.etag
    }
    _delete(service, own)


def _left_by(service: BlobServiceClient, mine: Provenance) -> dict[str, tuple[Provenance, str]]:
    """Return the snapshots of a file that had several dates, in any version; their provenance and ETag."""
    ending = f"/{file_stem(mine.source.partition('/')[2])}{ENDING}"
    found = {}
    with contextlib.suppress(ResourceNotFoundError):  # no container yet
        blob: BlobProperties
        for blob in service.get_container_client(containers.HISTORY).list_blobs(include=["metadata"]):
            held = Provenance.read(blob.metadata) if blob.name.endswith(ending) else None
            if held is not None and held.same_source(mine) and held.is_of_several_dates:
                found[str(blob.name)] = held, listed_etag(blob)
    return found


def _delete(service: BlobServiceClient, snapshots: dict[str, str]) -> None:
    for name, etag in snapshots.items():
        # Replaced or gone by now: whoever did that knew better.
        with contextlib.suppress(ResourceModifiedError, ResourceNotFoundError):
            service.get_blob_client(containers.HISTORY, name).delete_blob(
                delete_snapshots="include", etag=etag, match_condition=MatchConditions.IfNotModified
            )
