"""The outputs of one run on one source file: assembled apart, published together, the summary last.

An output of a block or more is assembled in the container `runs` and copied; a smaller one is held in memory
and put in its place by one request, on the same conditions.
"""

from __future__ import annotations

import contextlib
import logging
import uuid
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from azure.core import MatchConditions
from azure.core.exceptions import AzureError
from azure.storage.blob import BlobClient, BlobServiceClient

from functions.scoring.telemetry import file_stem
from functions.storage import containers
from functions.storage.errors import StorageError
from functions.storage.output_names import (
    CSV,
    JSON,
    REJECTS,
    REPORT,
    SCORED,
    SUMMARY,
    is_output_name,
    run_folder,
)
from functions.storage.pinned_blob import PinnedBlob
from functions.storage.provenance import Provenance
from functions.storage.publish import (
    Published,
    Superseded,
    look,
    publish_written,
    remove,
)
from functions.storage.staged_writer import StagedWriter
from functions.storage.withdrawal import may_have_left_several, withdraw_earlier, withdraw_own

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from azure.storage.blob import BlobProperties

_log = logging.getLogger(__name__)


class OutputTargets:
    """The outputs that one run replaces or removes, all looked at before the first is written.

    An output that cannot be replaced shows while all of them are still those of one run. It costs no more
    requests than looking at each before it is written; one that was replaced since is refused by the
    condition of the write, and looked at again.

    Parameters
    ----------
    targets : iterable of BlobClient
        The summary last.
    summary_found : callable
        Gets the properties of the summary that is there, before it is replaced.
    """

    def __init__(
        self, targets: Iterable[BlobClient], summary_found: Callable[[BlobProperties], None]
    ) -> None:
        self._unseen = list(targets)
        self._summary_found = summary_found
        self._seen: dict[str, BlobProperties | None] = {}

    def look(self, target: BlobClient) -> BlobProperties | None:
        """Return an output's properties, first as all were found, later as they are; OutputLeasedError."""
        if self._unseen:
            self._seen = {str(each.blob_name): look(each) for each in self._unseen}
            summary = self._seen[str(self._unseen[-1].blob_name)]
            self._unseen = []
            if summary is not None:
                self._summary_found(summary)
        if target.blob_name in self._seen:
            return self._seen.pop(target.blob_name)
        return look(target)


class RunOutputs:
    """Writers of one run and their publication.

    Use it in a ``with`` statement and end with `publish` or `fail`; leaving by an exception publishes
    nothing. A killed run's blobs in the container `runs` go by its lifecycle policy.

    Parameters
    ----------
    provenance : Provenance
        Becomes the metadata of every output.

    Attributes
    ----------
    scored, rejects : StagedWriter
        Binary writers of ``<path>.csv`` and ``<path>.rejects.csv``.
    """

    def __init__(self, service: BlobServiceClient, source: PinnedBlob, provenance: Provenance) -> None:
        self.service = service
        self.source = source
        self.provenance = provenance
        self._stem = file_stem(source.name)
        # A folder of its own: a message delivered twice at once makes two runs, and two writers must never
        # stage on one blob.
        self._folder = f"{run_folder(source)}/{uuid.uuid4().hex}"
        self._writers: dict[str, StagedWriter] = {}
        self._assembled: list[StagedWriter] = []
        self._ended = False
        self.scored = self.writer(SCORED, CSV)
        self.rejects = self.writer(REJECTS, CSV)

    @classmethod
    def begin(
        cls,
        service: BlobServiceClient,
        source: PinnedBlob,
        model_version: str,
        *,
        started: datetime | None = None,
    ) -> RunOutputs:
        """Begin a run.

        Parameters
        ----------
        started : datetime, optional
            When the run began, where others began it; by default now.
        """
        return cls(service, source, Provenance.of(source, model_version, started))

    def writer(self, ending: str, content_type: str) -> StagedWriter:
        """Return the writer of the output ``<path><ending>``; they are published in order of first call."""
        if ending not in self._writers:
            self._writers[ending] = self._assemble(f"output{ending}", content_type)
        return self._writers[ending]

    def adopt(self, ending: str, writer: StagedWriter) -> None:
        """Publish what ``writer`` commits as the output ``<path><ending>``; it is not deleted here."""
        self._writers[ending] = writer

    def publish(self, summary: bytes, dates: int | None = None) -> Published | Superseded:
        """Publish the outputs, and the summary last; return what became of the summary.

        The source is asked once whether it is current. Each write is on the condition that nothing has been
        published in its place meanwhile; a run that is overtaken finds out at the next, publishes no more,
        and takes back what nobody has replaced: the newer run may have failed, and has no outputs then but
        its summary. What an earlier version of several dates left in history is withdrawn before its summary
        is replaced; what this run left, when it is overtaken.

        Parameters
        ----------
        summary : bytes
            JSON document. Once it is there with the source's ETag in its metadata, the file is done.
        dates : int, optional
            Of the file.

        Raises
        ------
        OutputLeasedError, OutputTakenError, PublishError
            See `functions.storage.publish.publish`. What was published of this run is taken back.
        """
        self.writer(SUMMARY, JSON).write(summary)
        # Large outputs are committed before anything is published: an account at its limit shows up here.
        for writer in self._writers.values():
            if writer.unstaged() is None:
                writer.commit()
        of_summary = self.provenance if dates is None else self.provenance.of_dates(dates)
        result: Published | Superseded
        if not self.source.is_current():
            self._ended = True
            if of_summary.is_of_several_dates:
                withdraw_own(self.service, self.source)
            return Superseded(self._stem + SUMMARY, self.source.outdated_reason)
        published: list[Published] = []
        fresh = True
        targets = OutputTargets([self._target(ending) for ending in self._writers], self._withdraw)
        try:
            for ending, writer in self._writers.items():
                target = self._target(ending)
                result = publish_written(
                    self.service,
                    writer,
                    target,
                    of_summary if ending == SUMMARY else self.provenance,
                    self.source,
                    presumed_absent=fresh,
                    look=targets.look,
                )
                if isinstance(result, Superseded):
                    self._take_back(published)
                    if of_summary.is_of_several_dates:
                        withdraw_own(self.service, self.source)
                    break
                published.append(result)
                # Where one is there from before, the others are too: no use in trying.
                fresh = result.fresh
        except StorageError:
            self._take_back(published)
            raise
        self._ended = True
        return result

    def fail(self, summary: bytes, *, refused: bool = True) -> Published | Superseded:
        """Publish only a summary (JSON) that says why the whole file failed; return what became of it.

        Outputs of an earlier version of the source are deleted first, on the condition everything is
        published on: beside a summary that says "failed", predictions of an older upload would be taken for
        current ones. Outputs that another run has scored from this very version stay, and so does its
        summary.

        Parameters
        ----------
        refused : bool
            The file is at fault: what an earlier version of several dates left in history is withdrawn. If
            not, a later try does that.

        Raises
        ------
        OutputLeasedError, OutputTakenError, PublishError
            See `functions.storage.publish.publish`.
        """
        provenance = self.provenance.failed()
        endings = [ending for ending in {**self._writers, REPORT: None} if ending != SUMMARY]
        if is_output_name(self.source.name):
            endings = []  # nothing of this source was published, and what is there is another's
        targets = OutputTargets(
            [self._target(ending) for ending in (*endings, SUMMARY)],
            self._withdraw if refused else lambda _: None,
        )
        for ending in endings:
            removed = remove(self.service, self._target(ending), provenance, self.source, targets.look)
            if isinstance(removed, Superseded):
                self._ended = True
                return removed
        # Not the writer of `publish`, which may have been committed before what made the run fail.
        writer = self._assemble(f"failed{SUMMARY}", JSON)
        writer.write(summary)
        result = publish_written(
            self.service, writer, self._target(SUMMARY), provenance, self.source, look=targets.look
        )
        self._ended = True
        return result

    def __enter__(self) -> Self:
        """Return the run."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the writers and delete what was assembled, as far as that works."""
        for writer in self._assembled:
            writer.close()
            if writer.etag is None:
                continue  # staged blocks alone cannot be deleted; the service drops them after a week
            try:
                writer.client.delete_blob()
            except AzureError as problem:
                _log.info("%s stays for the lifecycle policy: %s", writer.client.blob_name, problem)
        if kind is None and not self._ended:
            raise RuntimeError(f"the run on {self.source.path} ended without publish() or fail()")

    def _assemble(self, name: str, content_type: str) -> StagedWriter:
        blob = self.service.get_blob_client(containers.RUNS, f"{self._folder}/{name}")
        writer = StagedWriter(blob, content_type=content_type)
        self._assembled.append(writer)
        return writer

    def _withdraw(self, summary: BlobProperties) -> None:
        if may_have_left_several(Provenance.read(summary.metadata), self.provenance):
            withdraw_earlier(self.service, self.source)

    def _take_back(self, published: list[Published]) -> None:
        """Remove outputs without a summary, each unless somebody has replaced it, as far as that works."""
        for output in published:
            blob = self.service.get_blob_client(containers.PREDICTIONS, output.name)
            with contextlib.suppress(AzureError):
                blob.delete_blob(etag=output.etag, match_condition=MatchConditions.IfNotModified)

    def _target(self, ending: str) -> BlobClient:
        return self.service.get_blob_client(containers.PREDICTIONS, self._stem + ending)
