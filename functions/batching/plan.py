"""Whether a file is scored in one piece or in ranges, and in which."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from functions.batching.range_task import RangeTask
from functions.errors import TelemetryFileError
from functions.scoring.byte_ranges import lines_before, range_count
from functions.storage.staged_writer import MAX_BLOCKS

if TYPE_CHECKING:
    from functions.storage.pinned_blob import PinnedBlob

GZIP_MAGIC = b"\x1f\x8b"


def plan(
    source: PinnedBlob, range_bytes: int, model_version: str, challenger: str | None = None
) -> list[RangeTask]:
    """Return the tasks of a file that is scored in ranges; none for a file that is scored in one piece.

    The file is read once to count its lines, so that every range knows the line numbers of its rows.
    Compressed files have no place to begin in the middle: they are scored in one piece, whatever their size.

    Parameters
    ----------
    source : PinnedBlob
    range_bytes : int
        Files up to this size are scored in one piece.
    model_version : str
    challenger : str, optional

    Raises
    ------
    TelemetryFileError
        The file has more ranges than a blob has blocks.
    """
    if source.size <= range_bytes or source.read(0, len(GZIP_MAGIC)) == GZIP_MAGIC:
        return []
    count = range_count(source.size, range_bytes)
    if count > MAX_BLOCKS:
        msg = (
            f"The file has {source.size:,} bytes, {count:,} ranges of {range_bytes:,} bytes; a result can be "
            f"put together of {MAX_BLOCKS:,} at most. Split the file, or set CHUNK_BYTES higher."
        )
        raise TelemetryFileError(msg)
    started = datetime.now(UTC)
    before = lines_before(source.chunks(), source.size, range_bytes)
    return [
        RangeTask(
            name=source.name,
            etag=source.etag,
            size=source.size,
            range_bytes=range_bytes,
            index=index,
            lines_before=before[index],
            model_version=model_version,
            started=started,
            challenger=challenger,
        )
        for index in range(count)
    ]
