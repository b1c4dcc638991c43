"""Whether a file is scored in one piece or in ranges, and in which.

A range has to know how many lines stand before it, so a file is read to be planned. That takes a tenth of
the time that scoring it takes, but it cannot be shared out. So it is done in steps: each plans some ranges
and leaves a message for the next step, in front of theirs; ranges are scored while others are being planned.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from functions.batch.range_message import RangeMessage
from functions.errors import TelemetryFileError
from functions.scoring.csv.byte_ranges import byte_range, lines_begun, range_count
from functions.scoring.telemetry import is_json
from functions.storage.errors import RangeGoneError
from functions.storage.staged_writer import MAX_BLOCKS
from functions.version import app_version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from functions.storage.pinned_blob import PinnedBlob

GZIP_MAGIC = b"\x1f\x8b"

STEP_BYTES = 128 * 1024 * 1024
"""Planned in one step: two ranges by default, less than a second of reading before the first is scored."""

STEP_RANGES = 1_000
"""Planned in one step at most, however small they are: the messages of a step are sent all at once."""

MOST_ATTEMPTS = 5
"""Runs that are planned anew of one version of a file, before it is given up."""


def plan(
    source: PinnedBlob,
    range_bytes: int,
    model_version: str,
    challenger: str | None = None,
    attempt: int = 0,
) -> list[RangeMessage]:
    """Return the first tasks of a file that is scored in ranges; none for a file that is scored in one piece.

    Compressed files have no place to begin in the middle, and in JSON none is certain: they are scored in one
    piece, whatever their size.

    Parameters
    ----------
    range_bytes : int
        Files up to this size are scored in one piece.
    attempt : int
        See `RangeMessage`.

    Raises
    ------
    TelemetryFileError
        The file has more ranges than a blob has blocks.
    """
    if source.size <= range_bytes or is_json(source.name) or source.read(0, len(GZIP_MAGIC)) == GZIP_MAGIC:
        return []
    count = range_count(source.size, range_bytes)
    if count > MAX_BLOCKS:
        msg = (
            f"The file has {source.size:,} bytes, {count:,} ranges of {range_bytes:,} bytes; a result can be "
            f"put together of {MAX_BLOCKS:,} at most. Split the file, or set RANGE_BYTES higher."
        )
        raise TelemetryFileError(msg)
    first = RangeMessage(
        name=source.name,
        etag=source.etag,
        size=source.size,
        range_bytes=range_bytes,
        index=0,
        lines_before=0,
        model_version=model_version,
        app_version=str(app_version()),
        started=datetime.now(UTC),
        challenger=challenger,
        attempt=attempt,
        step="plan",
    )
    return plan_on(source, first)


def plan_anew(source: PinnedBlob, task: RangeMessage) -> list[RangeMessage]:
    """Return the first tasks of a run that takes the place of a task's.

    Nothing of the former is deleted: who is killed before the messages are sent finds everything as it was.

    Raises
    ------
    RangeGoneError
        That was done `MOST_ATTEMPTS` times.
    """
    if task.attempt >= MOST_ATTEMPTS:
        msg = (
            f"The file was planned anew {task.attempt} times, and what its ranges had left was damaged, gone "
            "or overtaken by its history each time."
        )
        raise RangeGoneError(msg)
    return plan(source, task.range_bytes, task.model_version, task.challenger, task.attempt + 1)


def plan_on(source: PinnedBlob, task: RangeMessage) -> list[RangeMessage]:
    """Take a step of planning: return a task for each of some ranges, before them one for the next step.

    Raises
    ------
    SourceChangedError, SourceGoneError, SourceReadError
        See `functions.storage.pinned_blob.PinnedBlob.chunks`.
    """

    def read(start: int, end: int) -> Iterator[bytes]:
        return source.chunks(start=start, end=end)

    count = range_count(task.size, task.range_bytes)
    end = min(count, task.index + max(1, min(STEP_RANGES, STEP_BYTES // task.range_bytes)))
    ranges = []
    before = task.lines_before
    for index in range(task.index, end):
        ranges.append(msgspec.structs.replace(task, index=index, lines_before=before, step="score"))
        if index < count - 1:
            before += lines_begun(read, byte_range(index, task.size, task.range_bytes))
    if end == count:
        return ranges
    return [msgspec.structs.replace(task, index=end, lines_before=before), *ranges]
