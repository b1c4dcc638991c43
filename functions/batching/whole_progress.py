"""How far a file has come that is scored in one piece, told while its chunks are read.

No thread and no timer: between two chunks is when there is something new to say, and a file that is read in
one chunk is done before anybody would ask.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from functions.batching.progress import Progress, drop_progress, write_progress

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from azure.storage.blob import BlobServiceClient

    from functions.scoring.report.tally import Tally
    from functions.storage.pinned_blob import PinnedBlob

QUIET_SECONDS = 2.0
"""Nothing is written before this, and after this only as often: most files are done sooner."""


class WholeFileProgress:
    """Writes the progress of one file.

    Parameters
    ----------
    service : BlobServiceClient
    source : PinnedBlob
    tally : Tally
        Is counted in while the file is scored.
    """

    def __init__(self, service: BlobServiceClient, source: PinnedBlob, tally: Tally) -> None:
        self._service = service
        self._source = source
        self._tally = tally
        self._started = datetime.now(UTC)
        self._last = self._started
        self._told = False

    def follow(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Pass the chunks on; a file that is read again begins anew."""
        read = 0
        for chunk in chunks:
            if (datetime.now(UTC) - self._last).total_seconds() >= QUIET_SECONDS:
                self._tell(read, done=False)
            read += len(chunk)
            yield chunk

    def finish(self) -> None:
        """Say that the file is done, if anything was said before."""
        if self._told:
            self._tell(self._source.size, done=True)

    def give_up(self) -> None:
        """Take back what was said, if anything: there is no result."""
        if self._told:
            drop_progress(self._service, self._source.name, self._source.etag)

    def _tell(self, read: int, *, done: bool) -> None:
        now = datetime.now(UTC)
        seconds = round((now - self._started).total_seconds(), 1)
        size, lines = self._source.size, self._tally.lines
        progress = Progress(int(done), 1, size, seconds, now, read, lines, self._started)
        write_progress(self._service, self._source, progress)
        # After the upload, so that a slow account does not slow the run.
        self._last, self._told = datetime.now(UTC), True
