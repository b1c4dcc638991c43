"""Replacing an output by compare-and-swap: the newest source wins, an older run stops.

Which of two source versions is newer is not read from their dates (whole seconds only) but asked of the
source itself: a run whose pinned ETag is no longer the source's current one is superseded. Each attempt reads
the target's ETag first, then asks the source, then writes on condition of that ETag; so between the question
and the write nobody can have published, and a run can never replace the output of a newer one. That a target
is not there need not be read: a write on the condition that it is absent says so.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.storage.blob import BlobClient, BlobProperties, BlobServiceClient, ContentSettings

from functions.storage.errors import OutputLeasedError, OutputTakenError, PublishError
from functions.storage.pinned_blob import PinnedBlob
from functions.storage.provenance import Provenance
from functions.storage.staged_writer import StagedWriter

PATIENCE_SECONDS = 300.0
"""Longest wait for a server-side copy, ours or a rival's, and for an opening between rivals.

Within an account a copy normally ends before the request returns, and rivals are only deliveries of one file.
"""


ABSENT: dict[str, Any] = {"match_condition": MatchConditions.IfMissing}
"""Condition of a write: the blob is not there."""


type Look = Callable[[BlobClient], BlobProperties | None]
"""Returns what there is in the place of an output."""


@dataclass(frozen=True)
class Published:
    """The output now carries this run's bytes.

    Attributes
    ----------
    etag : str or None
        Its new ETag; None when the blob was removed or was absent already.
    fresh : bool
        It was presumed absent, and was.
    replaced : Provenance or None
        Of the output that was there.
    """

    name: str
    etag: str | None
    fresh: bool = field(default=False, compare=False)
    replaced: Provenance | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Superseded:
    """A newer run owns the output; this one must stop. *reason* is for the log."""

    name: str
    reason: str


def look(target: BlobClient) -> BlobProperties | None:
    """Return an output's properties, None if it is not there; OutputLeasedError as `refuse_leased`."""
    try:
        found = target.get_blob_properties()
    except ResourceNotFoundError:
        return None
    refuse_leased(found, target)
    return found


def refuse_leased(found: BlobProperties, target: BlobClient) -> None:
    """Raise `OutputLeasedError` if a client holds a lease on the output, with or without an end."""
    if found.lease.status == "locked":
        raise OutputLeasedError(
            f"Somebody holds a lease on {target.container_name}/{target.blob_name}: it can be neither "
            "replaced nor removed, so nothing new is put beside it. Release or break the lease (az storage "
            "blob lease break)."
        )


def publish_written(
    service: BlobServiceClient,
    writer: StagedWriter,
    target: BlobClient,
    provenance: Provenance,
    source: PinnedBlob,
    *,
    presumed_absent: bool = False,
    look: Look = look,
) -> Published | Superseded:
    """Publish a writer's bytes: in one request if they are few, else committed and copied as `publish` does.

    Parameters
    ----------
    presumed_absent : bool
        The caller has asked since the run began whether the source is current. The first attempt presumes
        that the output is not there, and asks nothing.
    look : callable
        Looks at the output that is there, before the source is asked.

    Raises
    ------
    OutputLeasedError, OutputTakenError, PublishError
        See `publish`.
    """
    content = writer.unstaged()
    if content is None:
        writer.commit()
        return publish(
            service, writer.client, target, provenance, source, presumed_absent=presumed_absent, look=look
        )

    def upload(condition: dict[str, Any]) -> str:
        done = target.upload_blob(
            content,
            overwrite=True,
            content_settings=ContentSettings(content_type=writer.content_type),
            metadata=provenance.metadata(),
            validate_content=True,
            **condition,
        )
        return str(done["etag"])

    return _swap(service, target, provenance, source, upload, presumed_absent=presumed_absent, look=look)


def publish(
    service: BlobServiceClient,
    run_blob: BlobClient,
    target: BlobClient,
    provenance: Provenance,
    source: PinnedBlob,
    *,
    presumed_absent: bool = False,
    look: Look = look,
) -> Published | Superseded:
    """Copy a run's assembled blob over the output, inside the storage account.

    The asynchronous Copy Blob operation is used because within one account the service authorizes its source
    by the request itself, so a managed identity needs no SAS; the synchronous one does. Copies the service
    postpones (it may, above 256 MiB) are waited for. Publishing again is harmless.

    Parameters
    ----------
    service : BlobServiceClient
        To look for the source of an output that is in the way.
    run_blob : BlobClient
        Committed blob in the same account.
    provenance : Provenance
        Becomes the output's metadata.
    source : PinnedBlob
        The version ``provenance`` was made of.
    presumed_absent, look
        See `publish_written`.

    Raises
    ------
    OutputLeasedError
        A client holds a lease on the output.
    OutputTakenError
        The output belongs to another source file that still exists.
    PublishError
        The copy failed, or rivals left no opening in time.
    """

    def copy(condition: dict[str, Any]) -> str:
        started = target.start_copy_from_url(run_blob.url, metadata=provenance.metadata(), **condition)
        return _wait_for_copy(
            target, str(started["copy_id"]), str(started["etag"]), str(started["copy_status"])
        )

    return _swap(service, target, provenance, source, copy, presumed_absent=presumed_absent, look=look)


def remove(
    service: BlobServiceClient,
    target: BlobClient,
    provenance: Provenance,
    source: PinnedBlob,
    look: Look = look,
) -> Published | Superseded:
    """Delete an output of an earlier run on the same terms as `publish`.

    An output that the same source and model version already produced stays: it is right, whatever became of
    this run.
    """

    def delete(condition: dict[str, Any]) -> None:
        if condition["match_condition"] is not MatchConditions.IfMissing:
            with contextlib.suppress(ResourceNotFoundError):
                target.delete_blob(delete_snapshots="include", **condition)

    return _swap(service, target, provenance, source, delete, keep_same_work=True, look=look)


def _swap(
    service: BlobServiceClient,
    target: BlobClient,
    provenance: Provenance,
    source: PinnedBlob,
    write: Callable[[dict[str, Any]], str | None],
    *,
    look: Look,
    keep_same_work: bool = False,
    presumed_absent: bool = False,
) -> Published | Superseded:
    if presumed_absent:
        try:
            return Published(target.blob_name, write(ABSENT), fresh=True)
        except HttpResponseError as error:
            _raise_unless_rival(error)
    deadline = time.monotonic() + PATIENCE_SECONDS
    refusal = "a copy is still pending"
    pause = 0.02
    while time.monotonic() < deadline:
        found = look(target)
        held = Provenance.read(found.metadata) if found else None
        if held and keep_same_work and held.same_work(provenance):
            return Published(target.blob_name, None)
        if not source.is_current():
            return Superseded(target.blob_name, source.outdated_reason)
        if held:
            refuse_taken(service, held, provenance, target)
            reason = _outranking(held, provenance)
            if reason:
                return Superseded(target.blob_name, reason)
        condition = ABSENT
        if found:
            condition = {"etag": found.etag, "match_condition": MatchConditions.IfNotModified}
        try:
            return Published(target.blob_name, write(condition), replaced=held)
        except HttpResponseError as error:
            _raise_unless_rival(error)
            code = getattr(error, "error_code", None) or error.reason
            refusal = str(getattr(code, "value", code))
        time.sleep(random.uniform(0.0, pause))
        pause = min(1.0, pause * 2)
    raise PublishError(
        f"{target.container_name}/{target.blob_name} could not be replaced within {PATIENCE_SECONDS:.0f} s: "
        f"{refusal}. The file is scored again when its message is delivered again; if this comes back, look "
        "for an immutability policy on that blob."
    )


def _raise_unless_rival(error: HttpResponseError) -> None:
    # 412: a rival was faster. 409: it is there by now, or a rival's copy is still pending.
    if error.status_code not in (HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED):
        raise error


def _outranking(held: Provenance, provenance: Provenance) -> str | None:
    """Return why the held output must stay although ``provenance``'s source version is current, or None."""
    if not held.same_source(provenance) or held.source_etag != provenance.source_etag:
        return None
    if held.outcome != provenance.outcome:
        # Whichever model did it and when: a result is worth more than the word that there is none.
        scored = held.outcome == "scored"
        return "another run has scored this version of the file" if scored else None
    if held.model_version != provenance.model_version and held.started > provenance.started:
        return f"a run by model {held.model_version} that began later has published"
    return None


def refuse_taken(
    service: BlobServiceClient, held: Provenance, provenance: Provenance, target: BlobClient
) -> None:
    """Raise `OutputTakenError` if ``held`` is of another source file that still exists.

    ``day.csv``, ``day.csv.gz`` and ``day.json`` have one output name; none may destroy another's result.
    """
    container, _, name = held.source.partition("/")
    if held.same_source(provenance) or not name:
        return
    if service.get_blob_client(container, name).exists():
        raise OutputTakenError(
            f"{provenance.source} would write {target.container_name}/{target.blob_name}, which holds the "
            f"result of {held.source}. Rename one of the two source files, or delete one of them, and upload "
            "the other again."
        )


def _wait_for_copy(target: BlobClient, copy_id: str, etag: str, status: str) -> str:
    """Wait until the service has finished the copy and return the ETag the blob has then."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    pause = 0.1
    description = ""
    while status == "pending" and time.monotonic() < deadline:
        time.sleep(pause)
        pause = min(5.0, pause * 2)
        found = target.get_blob_properties()
        if found.copy.id != copy_id:
            return str(found.etag)  # finished, and replaced by a later run since
        status, etag = str(found.copy.status), str(found.etag)
        description = found.copy.status_description or ""
    if status == "pending":
        # An aborted copy leaves an empty blob, but a pending one would refuse every later run.
        with contextlib.suppress(HttpResponseError):
            target.abort_copy(copy_id)
    if status != "success":
        raise PublishError(
            f"The server-side copy to {target.container_name}/{target.blob_name} ended as {status!r} "
            f"{description}. The file is scored again when its message is delivered again."
        )
    return etag
