"""A binary file whose bytes are staged as blocks and become visible all at once."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from azure.storage.blob import BlobBlock, BlobClient, ContentSettings

from functions.storage.background_stager import BackgroundStager
from functions.storage.errors import TooManyBlocksError

if TYPE_CHECKING:
    from collections.abc import Buffer

BLOCK_BYTES = 4 * 1024 * 1024
MAX_BLOCKS = 50_000
"""The service's limit of committed blocks in one blob."""

DIGEST_BYTES = 8
"""Of a block, in its id; the service allows ids of 64 bytes."""


class StagedWriter(io.RawIOBase):
    """Binary output that exists only after `commit`.

    Block ids are derived from the position, so writing the same bytes again stages the same blocks. A writer
    used in a ``with`` statement commits when the statement ends well and not when it raises. Less than a
    block goes in one request, without blocks.

    Full blocks are staged in the background, see `functions.storage.background_stager`: a block that cannot
    be staged is reported by a later `write`, `stage` or `commit`, and nothing is committed without it.

    Parameters
    ----------
    client : BlobClient
        Target; no other writer may stage on it meanwhile, for a commit discards every block it does not name.
    block_bytes : int
        Bytes of every block but the last.
    prefix : str
        Put before every block id, of one length for all writers of a blob: several ranges of one output stage
        apart under their own prefixes. The ids end with a digest of the block then: of two writers staging
        one range at the same time, neither replaces a block of the other that has other bytes.
    staged : sequence of str
        Ids of blocks that others have staged, to be committed before those written here.
    """

    def __init__(
        self,
        client: BlobClient,
        *,
        block_bytes: int = BLOCK_BYTES,
        content_type: str = "application/octet-stream",
        prefix: str = "",
        staged: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self.client = client
        self.etag: str | None = None
        """ETag of the committed blob; None before the commit."""
        self._block_bytes = block_bytes
        self.content_type = content_type
        self._prefix = prefix
        self._buffer = bytearray()
        self._ids: list[str] = list(staged)
        self._position = 0
        self._stager = BackgroundStager(client)

    def writable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the number of bytes written."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go back to the beginning, to write everything anew; nowhere else.

        Blocks staged before are staged again under the same ids, or never committed.
        """
        if offset or whence != io.SEEK_SET or self.etag is not None:
            raise ValueError(f"{self.client.blob_name!r} can only be written anew from 0, before its commit")
        self._buffer.clear()
        self._ids.clear()
        self._position = 0
        return 0

    def truncate(self, size: int | None = None, /) -> int:
        """Do nothing: there is never anything after the position."""
        if size not in (None, self._position):
            raise ValueError(f"{self.client.blob_name!r} ends at {self._position}, not at {size}")
        return self._position

    def write(self, data: Buffer, /) -> int:
        """Take all of ``data``; full blocks are staged meanwhile."""
        if self.closed or self.etag is not None:
            raise ValueError(f"write to {self.client.blob_name!r} after it was closed or committed")
        with memoryview(data) as view:
            size = view.nbytes
            self._buffer += view
        self._position += size
        while len(self._buffer) >= self._block_bytes:
            self._stage(self._block_bytes)
        return size

    def stage(self) -> list[str]:
        """Stage the rest as a shorter block; return the ids of all blocks in order, every one of them staged.

        For a writer of one range of an output: whoever finds all ranges staged commits their ids.
        """
        if self._buffer:
            self._stage(len(self._buffer))
        self._stager.drain()
        return list(self._ids)

    def unstaged(self) -> bytes | None:
        """Return everything written, if it is less than a block and still here; None otherwise."""
        self._stager.drain()
        if self._ids or self.etag is not None:
            return None
        return bytes(self._buffer)

    def commit(self) -> str:
        """Make everything written visible at once; return the blob's ETag, each time the same.

        Raises
        ------
        TooManyBlocksError
            It has more blocks than one blob can have, those that others have staged included.
        """
        if self.etag is None:
            properties = ContentSettings(content_type=self.content_type)
            content = self.unstaged()
            if content is not None:
                done = self.client.upload_blob(
                    content, overwrite=True, content_settings=properties, validate_content=True
                )
            else:
                blocks = [BlobBlock(block_id=block_id) for block_id in self.stage()]
                self._refuse_more_than(MAX_BLOCKS)
                done = self.client.commit_block_list(blocks, content_settings=properties)
            self.etag = str(done["etag"])
        return self.etag

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Commit if the block ended well; stage and commit nothing otherwise."""
        if kind is None:
            self.commit()
        else:
            self.abandon()
        self.close()

    def abandon(self) -> None:
        """Stage nothing more; what has been staged is never committed."""
        self._stager.abandon()

    def close(self) -> None:
        """Take no more; what was written can still be committed."""
        if not self.closed:
            self._stager.settle()
        super().close()

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def _stage(self, size: int) -> None:
        self._refuse_more_than(MAX_BLOCKS - 1)
        with memoryview(self._buffer) as view, view[:size] as head:
            block = bytes(head)
        block_id = f"{self._prefix}{len(self._ids):06d}"
        if self._prefix:
            block_id += hashlib.blake2b(block, digest_size=DIGEST_BYTES).hexdigest()
        self._stager.stage(block_id, block)
        del self._buffer[:size]
        self._ids.append(block_id)

    def _refuse_more_than(self, count: int) -> None:
        if len(self._ids) > count:
            raise TooManyBlocksError(
                f"{self.client.blob_name} needs more than {MAX_BLOCKS:,} blocks of up to "
                f"{self._block_bytes:,} bytes, the most a blob can have. Split the telemetry file."
            )
