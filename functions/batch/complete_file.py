"""A file is completed by the range that finds all of its ranges done.

Several may find that at the same time, and each may be killed on the way. That does no harm: all of them
write the same bytes, and the platform delivers the message of the killed one again.

While the app is being deployed two versions of it live side by side, and a file is never put together of
ranges that different versions have scored. A newer version than the one that planned the run plans it anew
then, as a run of its own; what is there stays for the lifecycle policy, so that one who is killed before the
messages are sent does it again. Versions older than the plan's score nothing of it. So each plan is a newer
version's than the one before, and that ends, for however long both live. The version that planned a run
leaves it to the newer one that has scored some of its ranges. Was that rolled back, the message ends in the
poison queue, and replaying it begins anew.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from azure.core.exceptions import HttpResponseError

from functions.batch.failures import to_source
from functions.batch.plan import plan, plan_anew
from functions.batch.progress import put_range_progress
from functions.batch.range_lines import beginning, header_before, lines_of
from functions.batch.result import publish_result
from functions.errors import NO_JSON, NewerAppError
from functions.scoring.csv.byte_ranges import range_count
from functions.scoring.csv.duplicates import NONE, RepeatedSerials
from functions.scoring.engine.file_ledger import EarlierVersionJoinedError, FileLedger, RepeatedSerialsError
from functions.scoring.engine.file_limits import naming_first_reject
from functions.scoring.engine.merge import (
    end_rejects,
    merge_ranges,
    ranges_listed_whole,
    repeats_by_range,
)
from functions.scoring.engine.pipeline import ScoredBlocks
from functions.scoring.engine.range_result import RangePart, tally_of_file
from functions.settings import settings
from functions.storage.errors import RangeGoneError
from functions.storage.history_store import BlobSnapshotStore
from functions.storage.output_names import REJECTS, SCORED
from functions.storage.published import already_done
from functions.storage.range_store import blocks_are_gone
from functions.storage.run_outputs import RunOutputs
from functions.version import AppVersion, app_version

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

    from azure.storage.blob import BlobServiceClient

    from functions.batch.range_message import RangeMessage
    from functions.batch.run_models import Models
    from functions.scoring.csv.rejects import Reject
    from functions.storage.pinned_blob import PinnedBlob
    from functions.storage.range_store import RangeDone, RangeRun


class Outcome(NamedTuple):
    """The result of a range.

    Attributes
    ----------
    message : str
        For the log.
    tasks : list of RangeMessage
        Ranges that have to be scored.
    """

    message: str
    tasks: list[RangeMessage]


class _OtherAppError(Exception):
    """Another version of the app has scored a range."""


def complete(
    service: BlobServiceClient, source: PinnedBlob, task: RangeMessage, run: RangeRun, models: Models
) -> Outcome:
    """Complete the file if all its ranges are done; *models* are those of the task.

    Raises
    ------
    NewerAppError
        Ranges were scored by a newer version of the app than this one, which planned them.
    DrivecastError
        What may pass, and what says that the file has changed. A fault of the file is published, not raised.
    """
    try:
        return _complete(service, source, task, run, models)
    except _OtherAppError:
        if task.is_of_this_app:
            raise NewerAppError(
                "Ranges of the file were scored by a newer version of the app than this one, "
                f"{app_version()}, and are left to it. If the app was rolled back since, replay the file "
                "(python -m ops poison replay)."
            ) from None
        tasks = plan(source, task.range_bytes, task.model_version, task.challenger)
        return Outcome("another version of the app has scored ranges; all are scored again", tasks)


def _complete(
    service: BlobServiceClient, source: PinnedBlob, task: RangeMessage, run: RangeRun, models: Models
) -> Outcome:
    count = range_count(task.size, task.range_bytes)
    done = run.done()
    first = sum(1 for _, revision in done if revision == 0)
    if first < count:
        put_range_progress(service, source, task, done, first)
        return Outcome(f"{first} of {count} ranges done", [])
    again = run.to_repeat()
    revisions = [0] * count
    for index in again or ():
        revisions[index] = 1
    waiting = [index for index in again or () if (index, 1) not in done]
    put_range_progress(service, source, task, done, count - len(waiting))
    if waiting and task.revision:
        return Outcome(f"{len(waiting)} of {count} ranges are scored again", [])
    try:
        if waiting:
            # Whoever compared the ranges may have been killed before the messages were sent.
            lost = _again(task, [_part(run, index, 0, done) for index in waiting])
            return Outcome(f"{len(waiting)} of {count} ranges are scored again", lost)
        parts = [_part(run, index, revision, done) for index, revision in enumerate(revisions)]
        message = _assemble(service, source, task, run, parts, revisions, models, compare=again is None)
    except RepeatedSerialsError as error:
        found = repeats_by_range(error.repeated, parts)
        run.repeat({index: repeated.encode() for index, repeated in found.items()})
        tasks = _again(task, [parts[index] for index in sorted(found)])
        return Outcome(f"serial numbers are in the file twice; {len(found)} ranges again", tasks)
    except EarlierVersionJoinedError:
        tasks = plan(source, task.range_bytes, task.model_version, task.challenger, task.attempt + 1)
        return Outcome("an earlier version of the file was joined; all ranges are scored again", tasks)
    except (HttpResponseError, RangeGoneError) as error:
        if isinstance(error, HttpResponseError) and not blocks_are_gone(error):
            raise
        if already_done(service, source, task.model_version):
            return Outcome("completed by another", [])
        tasks = plan_anew(source, task)
        return Outcome("what the ranges had left is gone or damaged; all are scored again", tasks)
    run.forget(done)
    return Outcome(message, [])


def _again(task: RangeMessage, parts: Iterable[RangePart]) -> list[RangeMessage]:
    return [
        msgspec.structs.replace(task, index=part.index, lines_before=part.lines_before, revision=1)
        for part in parts
    ]


def _part(run: RangeRun, index: int, revision: int, done: Mapping[tuple[int, int], RangeDone]) -> RangePart:
    # The listing's word: nothing else tells a record of another version from a damaged one.
    scored_by = done[index, revision].app_version
    if scored_by and not AppVersion.read(scored_by).is_same(app_version()):
        raise _OtherAppError
    record = run.record_of(index, revision)
    try:
        return msgspec.json.decode(record, type=RangePart)
    except NO_JSON as error:
        msg = f"The record of range {index} is not one of this version of the app: {error}."
        raise RangeGoneError(msg) from error


def _assemble(
    service: BlobServiceClient,
    source: PinnedBlob,
    task: RangeMessage,
    run: RangeRun,
    parts: list[RangePart],
    revisions: list[int],
    models: Models,
    *,
    compare: bool,
) -> str:
    version = task.model_version
    manifest = models.champion.model.manifest
    blocks = ScoredBlocks(models.champion, models.challenger, escaped=settings().escape_formulas)
    tally = tally_of_file(parts)
    with RunOutputs.begin(service, source, version, started=task.started) as outputs:
        scored, rejects = run.assembled(
            [block for part in parts for block in part.scored],
            [block for part in parts[: ranges_listed_whole(parts)] for block in part.rejects],
        )
        outputs.adopt(SCORED, scored)
        outputs.adopt(REJECTS, rejects)
        store = BlobSnapshotStore(service, source, version, run.settle)
        ledger = FileLedger(to_source(source), store, compare=compare)

        def rejects_of(part: RangePart) -> Generator[list[Reject]]:
            repeated = RepeatedSerials.decode(run.repeats_of(part.index)) if revisions[part.index] else NONE
            header = header_before(source, part.index)
            lines = lines_of(source, task, part.index)
            return blocks.rejects(
                lines if header is None else chain([header], lines), part.lines_before, repeated
            )

        def merge() -> dict[str, Any]:
            with naming_first_reject(blocks, tally, lambda: beginning(source)):
                summary = merge_ranges(
                    ledger,
                    parts,
                    lambda index: run.rows_of(index, revisions[index]),
                    tally,
                    manifest,
                    settings().max_reject_share,
                )
            end_rejects(parts, blocks, rejects.write, rejects_of)
            return summary

        return publish_result(outputs, manifest, tally, merge)
