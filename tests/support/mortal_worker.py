"""Messages handled by processes of their own that can be killed: a fork of a warm process for each try.

A worker of devhost takes seconds to start; a fork takes milliseconds, so that many kills fit into a
test. What it runs is the app's own code on a message, and the parent is the queue: a message whose process
was killed is delivered again, and so are, when it ends well, the messages it asks for. A try that raises
would bring its message nearer to the poison queue, so it fails the test that does not expect it.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess

FILE = "file "
"""Before a file's name; every other message is a range's."""


def handle(environment: Mapping[str, str], step_ranges: int | None, message: str, answer: Connection) -> None:
    """Handle a message in this process, and answer with the messages it asks for."""
    os.environ.update(environment)
    from functions.batch import plan
    from functions.batch.dispatch import score_arrived, score_one
    from functions.batch.range_message import RangeMessage
    from functions.storage.accounts import blob_service
    from functions.without_pandas import leave_pandas_out

    leave_pandas_out()  # as where the app is deployed; else most of a short try is importing it
    if step_ranges is not None:
        plan.STEP_RANGES = step_ranges
    service = blob_service()
    if message.startswith(FILE):
        outcome = score_arrived(service, message.removeprefix(FILE))
    else:
        outcome = score_one(service, RangeMessage.decode(message.encode()), last_try=False)
    answer.send([task.encode() for task in outcome.tasks])


@dataclass
class _Try:
    message: str
    process: ForkServerProcess
    answer: Connection
    began: float
    killed_at: float | None


class MortalWorkers:
    """A queue and the processes that work on it.

    Parameters
    ----------
    environment : mapping of str to str
        App settings.
    seed : int
        Of the order and of the moments of death.
    step_ranges : int, optional
        Ranges planned in one step, instead of as many as the app plans.
    """

    def __init__(self, environment: Mapping[str, str], seed: int, step_ranges: int | None = None) -> None:
        self._environment = dict(environment)
        self._step_ranges = step_ranges
        self._random = random.Random(seed)
        self._context: ForkServerContext = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["functions.batch.dispatch", "functions.storage.accounts"])
        self._longest = 0.5
        self.kills = 0
        self.tries = 0
        self.raised = 0

    def work(
        self,
        messages: Sequence[str],
        *,
        kills: int = 0,
        share: float = 0.8,
        at_once: int = 3,
        copies: int = 1,
        raises: int = 0,
    ) -> None:
        """Deliver messages in any order until none is left.

        Parameters
        ----------
        messages : sequence of str
        kills : int
            Processes killed at most.
        share : float
            Of the tries that are killed, at a random moment, as long as there are kills left.
        at_once : int
            Processes side by side.
        copies : int
            How often each message is delivered, beside what is delivered again after a kill.
        raises : int
            Tries that may raise, in all, at most.
        """
        queue = deque(messages)
        running: list[_Try] = []
        while queue or running:
            while queue and len(running) < at_once:
                queue.rotate(self._random.randrange(len(queue)))
                running.append(self._start(queue.popleft(), share if self.kills < kills else 0.0))
            time.sleep(0.002)
            for each in list(running):
                wanted = self._ended(each)
                assert self.raised <= raises, f"a try of {each.message} raised; its error is on stderr"
                if wanted is not None:
                    running.remove(each)
                    queue.extend(wanted * copies if wanted != [each.message] else wanted)

    def _start(self, message: str, share: float) -> _Try:
        answer, theirs = self._context.Pipe(duplex=False)
        process = self._context.Process(
            target=handle, args=(self._environment, self._step_ranges, message, theirs)
        )
        process.start()
        theirs.close()
        self.tries += 1
        now = time.monotonic()
        dies = self._random.random() < share
        return _Try(
            message, process, answer, now, now + self._random.uniform(0, self._longest) if dies else None
        )

    def _ended(self, each: _Try) -> list[str] | None:
        """Return the messages to deliver now that a try is over; None as long as it is not."""
        now = time.monotonic()
        if each.killed_at is not None and now >= each.killed_at and each.process.is_alive():
            each.process.kill()
            each.process.join()
            self.kills += 1
            return [each.message]
        if each.process.is_alive():
            return None
        each.process.join()
        if each.process.exitcode != 0:
            self.raised += 1
            return [each.message]  # the platform delivers it again
        self._longest = max(self._longest / 2, now - each.began)
        found: list[str] = each.answer.recv()
        return found
