"""Nothing, then everything."""

from __future__ import annotations

import os
import random
import threading
from pathlib import Path
from typing import cast

import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pytest
from azure.storage.blob import BlobBlock, BlobClient, BlobServiceClient

from functions.storage import containers, staged_writer
from functions.storage.background_stager import WAITING
from functions.storage.errors import TooManyBlocksError
from functions.storage.staged_writer import StagedWriter

BLOCKS = int(os.environ.get("DRIVECAST_BLOCKS", "300"))


@pytest.fixture
def target(service: BlobServiceClient, folder: str) -> BlobClient:
    return service.get_blob_client(containers.RUNS, f"{folder}/output.csv")


def content(client: BlobClient) -> bytes:
    return client.download_blob().readall()


def test_appears_at_once(target: BlobClient) -> None:
    data = random.Random(1).randbytes(10_007)
    writer = StagedWriter(target, block_bytes=1000, content_type="text/csv")
    for start in range(0, len(data), 333):
        piece = data[start : start + 333]
        assert writer.write(piece) == len(piece)
    assert writer.tell() == len(data)
    assert not target.exists()
    etag = writer.commit()
    assert content(target) == data
    found = target.get_blob_properties()
    assert found.etag == etag == writer.commit()
    assert found.content_settings.content_type == "text/csv"
    committed, uncommitted = target.get_block_list("all")
    assert [block.size for block in committed] == [1000] * 10 + [7]
    assert [block.id for block in committed] == [f"{index:06d}" for index in range(11)]
    assert uncommitted == []


def test_one_write_of_many_blocks(target: BlobClient) -> None:
    data = bytearray(range(256)) * 10
    with StagedWriter(target, block_bytes=300) as writer:
        writer.write(memoryview(data))
    assert content(target) == data


def test_empty_output_is_an_empty_blob(target: BlobClient) -> None:
    with StagedWriter(target) as writer:
        pass
    assert writer.closed
    assert content(target) == b""


def test_crash_leaves_nothing(target: BlobClient) -> None:

    def crash() -> None:
        with StagedWriter(target, block_bytes=10) as writer:
            writer.write(b"x" * 35)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        crash()
    assert not target.exists()


def test_crash_leaves_the_older_blob(target: BlobClient) -> None:
    with StagedWriter(target) as writer:
        writer.write(b"older")
    unfinished = StagedWriter(target, block_bytes=10)
    unfinished.write(b"x" * 35)
    unfinished.close()
    assert content(target) == b"older"


def test_a_second_attempt_stages_the_same_blocks(target: BlobClient) -> None:
    StagedWriter(target, block_bytes=10).write(b"a" * 35)
    with StagedWriter(target, block_bytes=10) as writer:
        writer.write(b"b" * 25)
    assert content(target) == b"b" * 25


def test_no_write_after_the_end(target: BlobClient) -> None:
    writer = StagedWriter(target)
    writer.commit()
    with pytest.raises(ValueError, match=repr(target.blob_name)):
        writer.write(b"late")
    writer.close()
    with pytest.raises(ValueError, match=repr(target.blob_name)):
        writer.write(b"later")


def test_a_library_may_close_before_the_commit(target: BlobClient) -> None:
    writer = StagedWriter(target)
    writer.write(b"whole")
    pa.PythonFile(writer, mode="w").close()
    assert writer.closed
    assert not target.exists()
    writer.commit()
    assert content(target) == b"whole"


def test_ranges_stage_apart_and_commit_in_order(target: BlobClient) -> None:
    ids: dict[int, list[str]] = {}
    for part in (2, 0, 1):
        writer = StagedWriter(target, block_bytes=4, prefix=f"{part:05d}-")
        writer.write(f"part {part};".encode())
        ids[part] = writer.stage()
    assert not target.exists()
    target.commit_block_list([BlobBlock(block_id=block) for part in sorted(ids) for block in ids[part]])
    assert content(target) == b"part 0;part 1;part 2;"


def test_too_many_blocks(target: BlobClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staged_writer, "MAX_BLOCKS", 3)
    writer = StagedWriter(target, block_bytes=1)
    with pytest.raises(TooManyBlocksError, match=r"\b3 blocks\b"):
        writer.write(b"1234")


def test_as_many_blocks_as_a_blob_can_have(target: BlobClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Staged by some and committed by another, as ranges are. 50,000 take Azurite twenty minutes."""
    monkeypatch.setattr(staged_writer, "MAX_BLOCKS", BLOCKS)
    ids: list[str] = []
    for first in range(0, BLOCKS, 1_000):
        part = StagedWriter(target, block_bytes=8, prefix=f"{first:06d}0")
        for number in range(first, min(BLOCKS, first + 1_000)):
            part.write(b"%07d\n" % number)
        ids += part.stage()
    assert len(ids) == BLOCKS
    StagedWriter(target, staged=ids).commit()
    # In parts: Azurite puts no more than some thousand blocks into one answer.
    for first in range(0, BLOCKS, 1_000):
        data = target.download_blob(offset=8 * first, length=8_000).readall()
        assert data == b"".join(b"%07d\n" % number for number in range(first, min(BLOCKS, first + 1_000)))
    assert target.get_blob_properties().size == 8 * BLOCKS
    one_more = StagedWriter(target, staged=[*ids, ids[0]])
    with pytest.raises(TooManyBlocksError, match=f" {BLOCKS:,} blocks"):
        one_more.commit()


def test_written_by_pyarrow(target: BlobClient, tmp_path: Path) -> None:
    serials = [f"S{i}" for i in range(5000)]
    table = pa.table({"serial_number": serials, "probability": [i / 7 for i in range(5000)]})
    with StagedWriter(target, block_bytes=10_000) as writer:
        pa.csv.write_csv(table, pa.PythonFile(writer, mode="w"))
    pa.csv.write_csv(table, tmp_path / "local.csv")
    assert content(target) == (tmp_path / "local.csv").read_bytes()

    with StagedWriter(target, block_bytes=10_000) as writer, pa.ipc.new_file(writer, table.schema) as arrow:
        arrow.write_table(table)
    assert pa.ipc.open_file(content(target)).read_all() == table


def test_written_anew_from_the_beginning_it_holds_the_second_writing_only(target: BlobClient) -> None:
    with StagedWriter(target, block_bytes=4) as writer:
        writer.write(b"first writing, longer")
        assert writer.seek(0) == 0
        assert writer.truncate() == 0
        writer.write(b"second")
    assert target.download_blob().readall() == b"second"


def test_it_goes_back_to_the_beginning_and_nowhere_else(target: BlobClient) -> None:
    writer = StagedWriter(target)
    writer.write(b"some")
    with pytest.raises(ValueError, match=repr(target.blob_name)):
        writer.seek(2)
    with pytest.raises(ValueError, match=r"\b4\b.*\b2\b"):
        writer.truncate(2)
    writer.commit()
    with pytest.raises(ValueError, match=repr(target.blob_name)):
        writer.seek(0)


class Wire:
    """Stands in for the blob client where a test decides when, and whether, the service answers."""

    blob_name = "output.csv"

    def __init__(self, failing: str = "") -> None:
        self.let_go = threading.Event()
        self.staged: list[str] = []
        self.committed: list[str] | None = None
        self._failing = failing

    def stage_block(self, block_id: str, data: bytes, *, length: int, validate_content: bool) -> None:
        assert validate_content
        assert self.let_go.wait(10)
        if block_id == self._failing:
            raise ConnectionResetError(f"block {block_id} of {len(data)} bytes, {length}")
        self.staged.append(block_id)

    def commit_block_list(self, blocks: list[BlobBlock], **_: object) -> dict[str, str]:
        self.committed = [block.id for block in blocks]
        return {"etag": '"1"'}


def writer_on(wire: Wire) -> StagedWriter:
    return StagedWriter(cast("BlobClient", wire), block_bytes=4)


def test_blocks_are_sent_while_more_is_written_but_few_wait() -> None:
    wire = Wire()
    writer = writer_on(wire)
    writer.write(b"abcd" * WAITING)  # returns although nothing has been answered
    assert wire.staged == []
    third = threading.Thread(target=writer.write, args=(b"efgh",))
    third.start()
    third.join(0.1)
    assert third.is_alive()
    wire.let_go.set()
    third.join(10)
    writer.write(b"ij")
    writer.commit()
    assert wire.staged == wire.committed == ["000000", "000001", "000002", "000003"]


@pytest.mark.parametrize("failing", ["000000", "000001", "000004"])
def test_nothing_is_committed_without_a_block_that_was_lost(failing: str) -> None:
    wire = Wire(failing)
    wire.let_go.set()
    writer = writer_on(wire)

    def write_all() -> None:
        for _ in range(5):
            writer.write(b"abcd")
        writer.commit()

    with pytest.raises(ConnectionResetError, match=failing):
        write_all()
    for _ in range(2):
        with pytest.raises(ConnectionResetError, match=failing):
            writer.commit()
    with pytest.raises(ConnectionResetError, match=failing):
        writer.write(b"abcd")
    assert wire.committed is None
    assert failing not in wire.staged


def test_no_thread_is_left_behind() -> None:
    def staging() -> list[str]:
        return [thread.name for thread in threading.enumerate() if thread.name.startswith("blob-stage")]

    wire = Wire()
    wire.let_go.set()
    with writer_on(wire) as writer:
        writer.write(b"abcd")
        assert staging()
    assert not staging()

    def crash() -> None:
        with writer_on(wire) as writer:
            writer.write(b"abcd" * 2)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        crash()
    assert not staging()
    unfinished = writer_on(wire)
    unfinished.write(b"abcd")
    unfinished.close()
    assert not staging()


def test_what_is_smaller_than_a_block_goes_in_one_request(target: BlobClient) -> None:
    writer = StagedWriter(target, block_bytes=10, content_type="text/csv")
    writer.write(b"123456789")
    assert writer.unstaged() == b"123456789"
    etag = writer.commit()
    assert writer.unstaged() is None, "it is in storage now"
    found = target.get_blob_properties()
    assert found.etag == etag
    assert found.content_settings.content_type == "text/csv"
    assert target.get_block_list("all") == ([], [])
    assert content(target) == b"123456789"


def test_a_block_is_staged_at_once_and_no_more_held_here(target: BlobClient) -> None:
    writer = StagedWriter(target, block_bytes=10)
    assert writer.unstaged() == b""
    writer.write(b"1234567890")
    assert writer.unstaged() is None
    assert StagedWriter(target, staged=["000000"]).unstaged() is None
    writer.close()
