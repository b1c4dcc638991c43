"""What happens when a range is done: the one that finds all of them done makes the file of them.

Several may find that at the same time, and each may be killed on the way. That does no harm: all of them
write the same bytes, and the platform delivers the message of the killed one again.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from azure.core.exceptions import HttpResponseError

from functions.batching.failures import described
from functions.batching.plan import plan
from functions.batching.progress import Progress, write_progress
from functions.scoring.byte_ranges import range_count
from functions.scoring.drift import drift_lines
from functions.scoring.range_merge import RangeMerge, RepeatedDrivesError
from functions.scoring.range_part import RangePart
from functions.scoring.report.page import report_page
from functions.scoring.summary import summary_json
from functions.settings import settings
from functions.storage.errors import RangeGoneError
from functions.storage.publish import Superseded
from functions.storage.range_run import blocks_are_gone
from functions.storage.run_outputs import HTML, REJECTS, REPORT, SCORED, RunOutputs, already_done
from functions.storage.snapshots import BlobSnapshotStore

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from azure.storage.blob import BlobServiceClient

    from functions.batching.range_task import RangeTask
    from functions.scoring.manifest import Manifest
    from functions.storage.pinned_blob import PinnedBlob
    from functions.storage.range_run import RangeRun

_log = logging.getLogger(__name__)


class Outcome(NamedTuple):
    """What came of a range.

    Attributes
    ----------
    said : str
        For the log.
    tasks : list of RangeTask
        Ranges that have to be scored.
    """

    said: str
    tasks: list[RangeTask]


def complete(
    service: BlobServiceClient, source: PinnedBlob, task: RangeTask, run: RangeRun, manifest: Manifest
) -> Outcome:
    """Complete the file if all its ranges are done; *manifest* is that of the task's model.

    Raises
    ------
    TelemetryFileError
        The file as a whole cannot be scored.
    DrivecastError
        What may pass, and what says that the file has changed.
    """
    count = range_count(task.size, task.range_bytes)
    done = run.done()
    first = sum(1 for _, revision in done if revision == 0)
    again = run.to_repeat()
    revisions = [0] * count
    if first < count:
        _tell_progress(service, source, task, first, count, done)
        return Outcome(f"{first} of {count} ranges done", [])
    for index in again or ():
        revisions[index] = 1
    waiting = [index for index in again or () if (index, 1) not in done]
    if waiting:
        _tell_progress(service, source, task, count - len(waiting), count, done)
        # Whoever compared the ranges may have been killed before the messages were sent.
        tasks = _again(task, waiting, run) if task.revision == 0 else []
        return Outcome(f"{len(waiting)} of {count} ranges are scored again", tasks)
    try:
        said = _assemble(service, source, task, run, revisions, manifest, compare=again is None)
    except RepeatedDrivesError as repeated:
        found = {index: lines.encode() for index, lines in repeated.by_range.items()}
        run.repeat(found)
        return Outcome(
            f"drives are in the file twice; {len(found)} ranges again", _again(task, sorted(found), run)
        )
    except (HttpResponseError, RangeGoneError) as error:
        if not isinstance(error, RangeGoneError) and not blocks_are_gone(error):
            raise
        if already_done(service, source, task.model_version):
            return Outcome("completed by another", [])
        run.forget(done)
        tasks = plan(source, task.range_bytes, task.model_version, task.challenger)
        return Outcome("what the ranges had left is gone; all are scored again", tasks)
    run.forget(done)
    _tell_progress(service, source, task, count, count, done)
    return Outcome(said, [])


def _again(task: RangeTask, ranges: Iterable[int], run: RangeRun) -> list[RangeTask]:
    parts = [_part(run, index, 0) for index in ranges]
    return [
        msgspec.structs.replace(task, index=part.index, lines_before=part.lines_before, revision=1)
        for part in parts
    ]


def _part(run: RangeRun, index: int, revision: int) -> RangePart:
    return msgspec.json.decode(run.record_of(index, revision), type=RangePart)


def _assemble(
    service: BlobServiceClient,
    source: PinnedBlob,
    task: RangeTask,
    run: RangeRun,
    revisions: list[int],
    manifest: Manifest,
    *,
    compare: bool,
) -> str:
    parts = [_part(run, index, revision) for index, revision in enumerate(revisions)]
    version = task.model_version
    merge = RangeMerge(described(source), parts, lambda index: run.rows_of(index, revisions[index]))
    with RunOutputs.begin(service, source, version, started=task.started) as outputs:
        scored, rejects = run.assembled(
            [block for part in parts for block in part.scored],
            [block for part in parts for block in part.rejects],
        )
        outputs.adopt(SCORED, scored)
        outputs.adopt(REJECTS, rejects)
        summary = merge.merge(
            BlobSnapshotStore(service, source, version),
            manifest,
            compare=compare,
            max_reject_share=settings().max_reject_share,
        )
        page = report_page(described(source), merge.tally, summary, manifest)
        outputs.writer(REPORT, HTML).write(page)
        result = outputs.publish(summary_json(summary))
    if isinstance(result, Superseded):
        return f"superseded ({result.reason})"
    for line in drift_lines(source.path, summary):
        _log.warning("%s", line)
    return f"{merge.tally.accepted} scored, {merge.tally.rejected} rejected"


def _tell_progress(
    service: BlobServiceClient,
    source: PinnedBlob,
    task: RangeTask,
    ranges_done: int,
    count: int,
    done: Mapping[tuple[int, int], int],
) -> None:
    rows = sum(lines for (_, revision), lines in done.items() if revision == 0)
    write_progress(service, source, Progress.of_ranges(ranges_done, count, source.size, rows, task.started))
