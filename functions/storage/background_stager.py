"""Blocks staged by a thread of their own, so that scoring goes on while they are sent."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from typing import TYPE_CHECKING

from functions.call_threads import CallThreads

if TYPE_CHECKING:
    from azure.storage.blob import BlobClient

WAITING = 2
"""Most blocks handed over and not yet staged: the one being sent, and one after it."""


class BackgroundStager:
    """Stages the blocks of one blob in the order given; nobody else stages under the same ids meanwhile.

    The thread is there from the first block to `drain`; a blob that is staged again gets another.
    """

    def __init__(self, client: BlobClient) -> None:
        self._client = client
        self._thread: CallThreads | None = None
        self._under_way: deque[Future[object]] = deque()
        self._error: BaseException | None = None

    def stage(self, block_id: str, data: bytes) -> None:
        """Hand a block over; waits only while `WAITING` others are under way.

        Raises
        ------
        Exception
            A block handed over before could not be staged. It is lost: every later call raises the same, so
            that nobody commits without it.
        """
        self._refuse_after_error()
        while len(self._under_way) >= WAITING:
            self._settle_oldest()
        self._refuse_after_error()
        if self._thread is None:
            self._thread = CallThreads(max_workers=1, thread_name_prefix="blob-stage")
        self._under_way.append(
            # The service checks what it received against an MD5 that is sent along.
            self._thread.submit(
                self._client.stage_block, block_id, data, length=len(data), validate_content=True
            )
        )

    def drain(self) -> None:
        """Wait until every block is staged; raises as `stage`."""
        self.settle()
        self._refuse_after_error()

    def settle(self) -> None:
        """Wait until no block is under way; what went wrong is kept for `drain`."""
        while self._under_way:
            self._settle_oldest()
        self._end_thread()

    def abandon(self) -> None:
        """Drop the blocks that are not being sent yet, and wait for the one that is."""
        for future in self._under_way:
            future.cancel()
        self._end_thread()
        self._under_way.clear()

    def _settle_oldest(self) -> None:
        error = self._under_way.popleft().exception()
        if error is not None:
            self._error = self._error or error
            # Blocks after a lost one are not worth sending.
            self.abandon()

    def _refuse_after_error(self) -> None:
        if self._error is not None:
            raise self._error

    def _end_thread(self) -> None:
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None
