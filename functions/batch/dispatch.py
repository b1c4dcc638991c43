"""The way of a file that has arrived, and of one of its ranges."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from azure.core.exceptions import ResourceNotFoundError

from functions.batch import run_models
from functions.batch.complete_file import Outcome
from functions.batch.failures import UNKNOWN, is_fault_of_file, publish_failure, say_failed
from functions.batch.memory import bounded_memory
from functions.batch.plan import plan, plan_on
from functions.batch.progress import put_range_progress
from functions.batch.score_file import score_whole
from functions.batch.score_range import score_task
from functions.errors import DrivecastError, NewerAppError
from functions.scoring.csv.byte_ranges import range_count
from functions.settings import settings
from functions.storage import containers
from functions.storage.errors import RangeGoneError, SourceChangedError, SourceGoneError
from functions.storage.history_store import BlobSnapshotStore
from functions.storage.output_names import (
    refuse_long_name,
    refuse_output_name,
    refuse_unreachable_name,
)
from functions.storage.pinned_blob import PinnedBlob
from functions.storage.published import already_done
from functions.storage.range_store import RangeRun
from functions.version import app_version

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from azure.storage.blob import BlobServiceClient

    from functions.batch.range_message import RangeMessage
    from functions.batch.run_models import Models


@bounded_memory()
def score_arrived(service: BlobServiceClient, name: str) -> Outcome:
    """Score a file of the container `telemetry`, or plan its ranges.

    Raises
    ------
    Exception
        It is to be tried again; a summary says so meanwhile, unless none can be named.
    """
    try:
        source = _pin(service, name)
    except SourceGoneError as error:
        return Outcome(f"stopped: {error.detail}", [])
    version = UNKNOWN
    try:
        version = settings().model
        containers.ensure(service)
        models = run_models.current()
        version = models.version
        return _attempt(service, source, version, lambda: _score_or_plan(service, source, models))
    except Exception as error:
        containers.forget_missing(error)
        say_failed(service, source, version, error)
        raise


def _pin(service: BlobServiceClient, name: str) -> PinnedBlob:
    """Return the newest version of a file of the container `telemetry`; the one door for every way in."""
    refuse_unreachable_name(name)
    refuse_long_name(name)
    # The trigger's own client retries as its defaults say; ours has the app's policy.
    return PinnedBlob.open(service.get_blob_client(containers.TELEMETRY, name))


def _score_or_plan(service: BlobServiceClient, source: PinnedBlob, models: Models) -> Outcome:
    chosen = settings()
    refuse_output_name(source.name)
    tasks = plan(source, chosen.range_bytes, models.version, models.challenger_version)
    if tasks:
        message = f"{range_count(source.size, chosen.range_bytes)} ranges to score"
        return _without_done(service, source, Outcome(message, tasks))
    return Outcome(f"{source.etag} {score_whole(service, source, models)}", [])


@bounded_memory()
def score_one(service: BlobServiceClient, task: RangeMessage, *, last_try: bool) -> Outcome:
    """Score one range of a file, or plan more of its ranges.

    Raises
    ------
    Exception
        It is to be tried again, unless this was the last try; a summary says why then.
    """
    try:
        source = _pin(service, task.name)
    except SourceGoneError as error:
        return Outcome(f"stopped: {error.detail}", [])
    if source.etag != task.etag:
        return Outcome(f"stopped: {source.path} has been replaced since {task.etag}", [])
    version = task.model_version
    try:
        return _attempt(service, source, version, lambda: _score_range(service, source, task), task.started)
    except Exception as error:
        if last_try:
            say_failed(service, source, version, error)
        raise


def _score_range(service: BlobServiceClient, source: PinnedBlob, task: RangeMessage) -> Outcome:
    if task.is_of_newer_app:
        raise NewerAppError(
            f"The file is scored by version {task.app_version} of the app, and this is version "
            f"{app_version()}. If the app was rolled back, replay the file (python -m ops poison replay)."
        )
    models = None if task.step == "plan" else run_models.models_named(task.model_version, task.challenger)
    try:
        if models is None:
            tasks = plan_on(source, task)
            outcome = Outcome(f"planned up to range {tasks[-1].index}", tasks)
        else:
            outcome = score_task(service, source, task, models)
        return _without_done(service, source, outcome)
    except ResourceNotFoundError as error:
        if not containers.forget_missing(error):
            raise
        containers.ensure(service)
        # It may have been the one in which ranges that are done had left what they found.
        tasks = plan(source, task.range_bytes, task.model_version, task.challenger)
        return Outcome("a container was gone; all ranges are scored again", tasks)


def _without_done(service: BlobServiceClient, source: PinnedBlob, outcome: Outcome) -> Outcome:
    """Leave ranges out that are done, when a file is planned that was planned before; put the progress.

    The last range is asked for in any case: it finds that all are done. Where a run begins, its history is
    settled before any of its messages goes out.
    """
    if not outcome.tasks:
        return outcome
    run = outcome.tasks[0]
    last = range_count(run.size, run.range_bytes) - 1
    ranges = RangeRun(service, source, run.run)
    done = ranges.done()
    if any(task.index == 0 and task.step == "score" and not task.revision for task in outcome.tasks):
        with suppress(RangeGoneError):  # damaged: the range that finds it so plans the file anew
            BlobSnapshotStore(service, source, run.model_version, ranges.settle).settle_history()
    left = [
        task
        for task in outcome.tasks
        if task.step == "plan" or task.index == last or (task.index, task.revision) not in done
    ]
    put_range_progress(service, source, run, done, sum(1 for _, revision in done if revision == 0))
    return outcome._replace(tasks=left)


def _attempt(
    service: BlobServiceClient,
    source: PinnedBlob,
    model_version: str,
    score: Callable[[], Outcome],
    started: datetime | None = None,
) -> Outcome:
    """Score unless that is done; stop where the file has changed, and publish a fault of it."""
    try:
        if already_done(service, source, model_version):
            return Outcome(f"{source.etag} has been scored by {model_version} already", [])
        return score()
    except (SourceChangedError, SourceGoneError) as error:
        return Outcome(f"stopped: {error.detail}", [])
    except DrivecastError as error:
        if not is_fault_of_file(error):
            raise
        publish_failure(service, source, model_version, error, started=started)
        return Outcome(f"failed: {error.detail}", [])
