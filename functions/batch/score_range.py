"""One range of a file scored; whoever finds all ranges done completes the file."""

from __future__ import annotations

from contextlib import closing, suppress
from typing import TYPE_CHECKING

import msgspec

from functions.batch.complete_file import Outcome, complete
from functions.batch.plan import plan_anew
from functions.batch.range_lines import beginning, header_before, lines_of
from functions.scoring.csv.duplicates import NONE, RepeatedSerials
from functions.scoring.engine.file_limits import FileLimits, naming_first_reject
from functions.scoring.engine.one_range import score_range
from functions.scoring.engine.pipeline import ScoredBlocks
from functions.scoring.engine.range_result import RangePart, RangeRowsWriter
from functions.scoring.report.tally import Tally
from functions.settings import settings
from functions.storage.errors import RangeGoneError, SnapshotReplacedError
from functions.storage.history_store import BlobSnapshotStore
from functions.storage.range_store import RangeDone, RangeRun
from functions.version import app_version

if TYPE_CHECKING:
    from azure.storage.blob import BlobServiceClient

    from functions.batch.range_message import RangeMessage
    from functions.batch.run_models import Models
    from functions.storage.pinned_blob import PinnedBlob

REPLANNED = "replanned-by"


def score_task(service: BlobServiceClient, source: PinnedBlob, task: RangeMessage, models: Models) -> Outcome:
    """Score a task's range, unless that is done, and complete the file if it was the last.

    Raises
    ------
    TelemetryFileError
        The file as a whole cannot be scored.
    DrivecastError
        What may pass, and what says that the file has changed.
    """
    run = RangeRun(service, source, task.run)
    if (task.index, task.revision) not in run.done():
        try:
            _score(service, source, task, models, run)
        except SnapshotReplacedError:
            return _plan_anew(source, task, run, "history has changed since it was settled")
        except RangeGoneError as error:
            return _plan_anew(source, task, run, error.detail.removesuffix("."))
    return complete(service, source, task, run, models)


def _plan_anew(source: PinnedBlob, task: RangeMessage, run: RangeRun, why: str) -> Outcome:
    """Plan the file anew, again if killed on the way, unless another range of the run does."""
    mine = b"%d" % task.index
    with suppress(RangeGoneError):  # damaged as well: better twice than never
        if run.settle(REPLANNED, lambda: mine) != mine:
            return Outcome(f"{why}; left to the range that saw it first", [])
    return Outcome(f"{why}; all are scored again", plan_anew(source, task))


def _score(
    service: BlobServiceClient, source: PinnedBlob, task: RangeMessage, models: Models, run: RangeRun
) -> None:
    chosen = settings()
    blocks = ScoredBlocks(models.champion, models.challenger, chosen.score_threads, chosen.escape_formulas)
    repeated = RepeatedSerials.decode(run.repeats_of(task.index)) if task.revision else NONE
    tally, rows = Tally(), RangeRowsWriter()
    at = task.index, task.revision
    # Staged, never committed here: the blocks wait for those of the other ranges.
    with (
        naming_first_reject(blocks, tally, lambda: beginning(source)),
        closing(run.scored(*at)) as scored,
        closing(run.rejects(*at)) as rejects,
    ):
        days_joined = score_range(
            blocks,
            lines_of(source, task, task.index),
            scored,
            blocks.reject_list(rejects.write),
            rows.add,
            tally,
            BlobSnapshotStore(service, source, models.version, run.settle),
            limits=FileLimits.of_file(task.size, chosen.max_reject_share, packed=False),
            repeated=repeated,
            header=header_before(source, task.index),
            lines_before=task.lines_before,
        )
        staged = scored.stage(), rejects.stage()
        record = RangePart(task.index, task.lines_before, tally, *staged, days_joined)
    run.keep(*at, rows.finish(), msgspec.json.encode(record), RangeDone(tally.lines, str(app_version())))
