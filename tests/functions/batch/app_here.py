"""The app's functions called in this process, with a list for their queue."""

from __future__ import annotations

from collections.abc import Callable

from azure.storage.blob import BlobServiceClient

from functions.batch.complete_file import Outcome
from functions.batch.dispatch import score_arrived, score_one
from functions.batch.range_message import RangeMessage
from functions.storage.pinned_blob import PinnedBlob
from functions.storage.range_store import RangeRun
from tests.functions.conftest import Fleet


class AppHere:
    """Scores the files of one folder.

    Parameters
    ----------
    service : BlobServiceClient
    fleet : Fleet
    """

    def __init__(self, service: BlobServiceClient, fleet: Fleet) -> None:
        self.service = service
        self.fleet = fleet
        self.messages: list[str] = []

    def arrive(self, name: str) -> Outcome:
        """Deliver a file."""
        return self._told(score_arrived(self.service, f"{self.fleet.folder}/{name}"))

    def arrive_whole(self, name: str) -> None:
        """Deliver a file, and the messages of its ranges."""
        self.ranges(self.arrive(name).tasks)

    def range(self, task: RangeMessage, *, last_try: bool = False) -> Outcome:
        """Deliver a range's message."""
        return self._told(score_one(self.service, task, last_try=last_try))

    def ranges(
        self, tasks: list[RangeMessage], until: Callable[[Outcome], bool] = lambda _: False
    ) -> Outcome:
        """Deliver messages in their order, and those they ask for, until an outcome is found."""
        queue, outcome = list(tasks), Outcome("", [])
        while queue:
            outcome = self.range(queue.pop(0))
            queue += outcome.tasks
            if until(outcome):
                break
        return outcome

    def run_of(self, task: RangeMessage) -> RangeRun:
        """Return where the ranges of a task's run meet."""
        source = PinnedBlob.open(self.service.get_blob_client("telemetry", task.name))
        return RangeRun(self.service, source, task.run)

    def _told(self, outcome: Outcome) -> Outcome:
        self.messages.append(outcome.message)
        return outcome
