"""Blueprint of the batch functions: a telemetry file dropped into storage is scored.

At least once is what the platform promises: the same blob or message may be delivered again, after a crash or
for no reason. The source is read at one pinned ETag, outputs are assembled apart and published on the
condition that the source is still the newest, so every step may run twice.
"""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING, List  # noqa: UP035 - the Functions worker does not know list[str]

import azure.functions as func

from functions.blueprints.blob_reference import BlobReference
from functions.scoring.telemetry import FILE_ENDINGS
from functions.settings import BLOB_TRIGGER_SOURCE, value_of

if TYPE_CHECKING:
    from functions.batch.complete_file import Outcome

blueprint = func.Blueprint()  # type: ignore[no-untyped-call]

CONNECTION = "AzureWebJobsStorage"
"""The one storage account; blobs, queues and the host's own state are in it."""

RANGES = "telemetry-ranges"
"""Queue with a message for every range of a large file."""

EVENTS = "telemetry-events"
"""Queue in which files are announced: by Event Grid to an app that it cannot call, and by the app itself
where they have to be tried again."""

BLOB_POISON = "webjobs-blobtrigger-poison"
"""To which the host moves what the blob trigger has tried five times; it gives the name."""

RANGES_POISON = f"{RANGES}-poison"
EVENTS_POISON = f"{EVENTS}-poison"
QUEUES = (RANGES, EVENTS, BLOB_POISON, RANGES_POISON, EVENTS_POISON)
"""Every queue that functions are triggered by."""

LOOKS = "0 */15 * * * *"
"""When `revive_runs` looks: in UTC, with seconds. Each look wakes an idle app; see docs/cost.md."""

TRIGGER_SOURCE = value_of(BLOB_TRIGGER_SOURCE, os.environ)
"""A part of the binding, so it is read when the app is indexed."""

TRIES = 5
"""``maxDequeueCount`` of host.json; its ``visibilityTimeout`` spaces them over ten minutes."""

_log = logging.getLogger(__name__)


@blueprint.function_name("score_telemetry")
@blueprint.blob_trigger(
    arg_name="client", path="telemetry/{name}", connection=CONNECTION, source=func.BlobSource(TRIGGER_SOURCE)
)
@blueprint.queue_output(arg_name="ranges", queue_name=RANGES, connection=CONNECTION)
def score_telemetry(client: BlobReference, ranges: func.Out[List[str]]) -> None:  # noqa: UP006
    """Score one telemetry file from the container telemetry into the container predictions.

    A file above RANGE_BYTES is only planned here: a message for each of its ranges. One that cannot be scored
    within the host's five tries, which are seconds apart, is tried on by `score_event`.
    """
    name = client.blob_name
    if not _is_scored(client.container_name, name):
        return
    _score_file(name, ranges)


@blueprint.function_name("score_event")
@blueprint.queue_trigger(arg_name="message", queue_name=EVENTS, connection=CONNECTION)
@blueprint.queue_output(arg_name="ranges", queue_name=RANGES, connection=CONNECTION)
def score_event(message: func.QueueMessage, ranges: func.Out[List[str]]) -> None:  # noqa: UP006
    """Do the same for a file that a queue announces: Event Grid does, to a private app, and `give_up_file`.

    Nothing comes of a file that is announced both ways but a look at the summary that is there already.
    """
    from functions.batch.event_message import written_blob

    blob_of_event = written_blob(message.get_body())
    if isinstance(blob_of_event, str):
        _log.info("an event %s is left alone: it announces no new file", blob_of_event)
        return
    name = blob_of_event.name
    if not _is_scored(blob_of_event.container, name):
        return
    _score_file(name, ranges)


def _score_file(name: str, ranges: func.Out[List[str]]) -> None:  # noqa: UP006
    from functions.batch.dispatch import score_arrived
    from functions.storage.accounts import blob_service

    started = time.monotonic()
    outcome = score_arrived(blob_service(CONNECTION), name)
    _tell(name, outcome, ranges, started)


def _is_last_try(message: func.QueueMessage) -> bool:
    return (message.dequeue_count or 0) >= TRIES


def _is_scored(container: str, name: str) -> bool:
    """Whether a blob is a file to score; if not, the log says why."""
    from functions.storage.containers import TELEMETRY

    if container != TELEMETRY:
        _log.info("%s/%s is left alone: only files in %s are scored", container, name, TELEMETRY)
        return False
    if not name.lower().endswith(FILE_ENDINGS):
        _log.info("%s is left alone: its name ends in none of %s", name, ", ".join(FILE_ENDINGS))
        return False
    return True


def _tell(
    name: str,
    outcome: Outcome,
    ranges: func.Out[List[str]],  # noqa: UP006
    started: float,
) -> None:
    if outcome.tasks:
        ranges.set([task.encode() for task in outcome.tasks])
    _log.info("%s: %s in %.2f s", name, outcome.message, time.monotonic() - started)


@blueprint.function_name("score_range")
@blueprint.queue_trigger(arg_name="message", queue_name=RANGES, connection=CONNECTION)
@blueprint.queue_output(arg_name="ranges", queue_name=RANGES, connection=CONNECTION)
def score_range(message: func.QueueMessage, ranges: func.Out[List[str]]) -> None:  # noqa: UP006
    """Score one range of a large file; the last one that is done completes the file."""
    from functions.batch.dispatch import score_one
    from functions.batch.range_message import RangeMessage
    from functions.storage.accounts import blob_service

    started = time.monotonic()
    task = RangeMessage.decode(message.get_body())
    outcome = score_one(blob_service(CONNECTION), task, last_try=_is_last_try(message))
    _tell(f"{task.name}, range {task.index}", outcome, ranges, started)


@blueprint.function_name("give_up_file")
@blueprint.queue_trigger(arg_name="message", queue_name=BLOB_POISON, connection=CONNECTION)
@blueprint.queue_output(arg_name="again", queue_name=EVENTS, connection=CONNECTION)
@blueprint.queue_output(arg_name="back", queue_name=BLOB_POISON, connection=CONNECTION)
def give_up_file(message: func.QueueMessage, again: func.Out[str], back: func.Out[str]) -> None:
    """Have a file tried on that the blob trigger could not score, minutes apart; or give it up."""
    from functions.batch.give_up import spaced_try

    # The last time, it is this function that has failed: then the queue is away.
    announced = None if _is_last_try(message) else spaced_try(message.get_body())
    if announced is None:
        _give_up(message, BLOB_POISON, back)
        return
    again.set(announced)
    _log.warning("message %s of %s is tried on, from the queue %s", message.id, BLOB_POISON, EVENTS)


@blueprint.function_name("give_up_event")
@blueprint.queue_trigger(arg_name="message", queue_name=EVENTS_POISON, connection=CONNECTION)
@blueprint.queue_output(arg_name="back", queue_name=EVENTS_POISON, connection=CONNECTION)
def give_up_event(message: func.QueueMessage, back: func.Out[str]) -> None:
    """Give up a file that was announced."""
    _give_up(message, EVENTS_POISON, back)


@blueprint.function_name("give_up_range")
@blueprint.queue_trigger(arg_name="message", queue_name=RANGES_POISON, connection=CONNECTION)
@blueprint.queue_output(arg_name="back", queue_name=RANGES_POISON, connection=CONNECTION)
def give_up_range(message: func.QueueMessage, back: func.Out[str]) -> None:
    """Give up the file of a range."""
    _give_up(message, RANGES_POISON, back)


def _give_up(message: func.QueueMessage, queue: str, back: func.Out[str]) -> None:
    """Give a message up; while that fails, the host brings it again every ten minutes, five times.

    Then it would lie there invisible until it expires, so the last time it is put back as a new one.
    """
    from functions.batch.give_up import give_up
    from functions.storage.accounts import blob_service

    try:
        give_up(blob_service(CONNECTION), queue, str(message.id), message.get_body())
    except Exception:
        if not _is_last_try(message):
            raise
        back.set(message.get_body().decode(errors="replace"))
        _log.exception("message %s could not be given up; it is put back into %s", message.id, queue)


@blueprint.function_name("revive_runs")
@blueprint.timer_trigger(arg_name="timer", schedule=LOOKS)
@blueprint.queue_output(arg_name="again", queue_name=EVENTS, connection=CONNECTION)
def revive_runs(timer: func.TimerRequest, again: func.Out[List[str]]) -> None:  # noqa: ARG001, UP006
    """Announce files again whose runs were silent for ten minutes: a range's message or record is lost."""
    from functions.batch import silent_runs
    from functions.storage.accounts import blob_service

    found = silent_runs.revive_runs(blob_service(CONNECTION), EVENTS_POISON)
    if found:
        again.set(found)
