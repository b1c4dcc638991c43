"""Ranges of one file, meeting in the container `runs`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobServiceClient

from functions.storage import containers
from functions.storage.errors import RangeGoneError
from functions.storage.output_names import REJECTS, SCORED
from functions.storage.pinned_blob import PinnedBlob
from functions.storage.publish import Published
from functions.storage.published import already_done
from functions.storage.range_store import RangeDone, RangeRun, blocks_are_gone
from functions.storage.run_outputs import RunOutputs
from tests.functions.storage.conftest import Upload


@pytest.fixture
def source(upload: Upload) -> PinnedBlob:
    return PinnedBlob.open(upload(b"input"))


def leave(run: RangeRun, index: int, revision: int = 0, text: bytes = b"") -> list[str]:
    """Do what a range does; return the ids of its scored blocks."""
    return leave_both(run, index, revision, text)[0]


def leave_both(
    run: RangeRun, index: int, revision: int = 0, text: bytes = b""
) -> tuple[list[str], list[str]]:
    """Do what a range does; return the ids of its blocks of both outputs."""
    scored, rejects = run.scored(index, revision), run.rejects(index, revision)
    scored.write(text or b"range %d\n" % index)
    rejects.write(b"%d,bad_date\n" % index)
    ids = scored.stage(), rejects.stage()
    run.keep(index, revision, b"rows %d" % index, b"record %d" % index, RangeDone(7, "1.2"))
    return ids


def test_what_a_range_left_is_found(service: BlobServiceClient, source: PinnedBlob) -> None:
    run = RangeRun(service, source, "ranges-64-v2")
    assert run.done() == {}
    leave(run, 3)
    leave(run, 0, revision=1)
    assert run.done() == {(3, 0): (7, "1.2"), (0, 1): (7, "1.2")}
    assert (run.record_of(3, 0), run.rows_of(3, 0)) == (b"record 3", b"rows 3")
    assert RangeRun(service, source, "ranges-32-v2").done() == {}


def test_the_lines_of_a_record_are_for_the_progress_alone(
    service: BlobServiceClient, source: PinnedBlob
) -> None:
    run = RangeRun(service, source, "ranges-64-v2")
    leave(run, 0)
    container = service.get_container_client(containers.RUNS)
    (name,) = [
        each.name for each in container.list_blobs() if each.name.endswith("ranges-64-v2/000000.0.json")
    ]
    container.get_blob_client(name).set_blob_metadata({"lines": "7x"})
    assert run.done() == {(0, 0): (0, "")}


def test_what_is_not_there_is_said_so(service: BlobServiceClient, source: PinnedBlob) -> None:
    run = RangeRun(service, source, "ranges-64-v2")
    for ask in (run.record_of, run.rows_of):
        with pytest.raises(RangeGoneError, match=r"000001\.0\.\w+"):
            ask(1, 0)
    with pytest.raises(RangeGoneError):
        run.repeats_of(1)
    assert run.to_repeat() is None


def test_ranges_to_score_again(service: BlobServiceClient, source: PinnedBlob) -> None:
    run = RangeRun(service, source, "ranges-64-v2")
    run.repeat({11: b"{11}", 2: b"{2}"})
    assert run.to_repeat() == [2, 11]
    assert run.repeats_of(11) == b"{11}"
    assert run.done() == {}


def test_no_range_to_score_again(service: BlobServiceClient, source: PinnedBlob) -> None:
    run = RangeRun(service, source, "ranges-64-v2")
    run.repeat({})
    assert run.to_repeat() == []


def test_forty_ranges_that_finish_at_once_make_one_output(
    service: BlobServiceClient, source: PinnedBlob, folder: str
) -> None:
    """Every one of them assembles and publishes: the same bytes each time, and never less than all."""
    run = RangeRun(service, source, "ranges-64-v2")
    left = [leave_both(run, index) for index in range(40)]
    blocks, reject_blocks = ([block for both in left for block in both[side]] for side in (0, 1))

    def complete(_: int) -> object:
        with RunOutputs.begin(service, source, "v2") as outputs:
            scored, rejects = run.assembled(blocks, reject_blocks)
            outputs.adopt(SCORED, scored)
            outputs.adopt(REJECTS, rejects)
            return outputs.publish(b"{}")

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(complete, range(40)))
    assert all(isinstance(result, Published) for result in results)
    published = service.get_blob_client(containers.PREDICTIONS, f"{folder}/day.csv").download_blob()
    assert published.readall() == b"".join(b"range %d\n" % index for index in range(40))
    published = service.get_blob_client(containers.PREDICTIONS, f"{folder}/day.rejects.csv").download_blob()
    assert published.readall() == b"".join(b"%d,bad_date\n" % index for index in range(40))
    assert already_done(service, source, "v2")


def test_a_revision_replaces_a_range(service: BlobServiceClient, source: PinnedBlob) -> None:
    run = RangeRun(service, source, "ranges-64-v2")
    first, _, last = leave(run, 0), leave(run, 1), leave(run, 2)
    writer, _ = run.assembled([*first, *leave(run, 1, revision=1, text=b"anew\n"), *last], [])
    writer.commit()
    assert writer.client.download_blob().readall() == b"range 0\nanew\nrange 2\n"


def test_two_that_score_a_range_at_once_are_never_mixed(
    service: BlobServiceClient, source: PinnedBlob
) -> None:
    """A message was delivered twice, and history has changed in between."""
    run = RangeRun(service, source, "ranges-64-v2")
    first = leave(run, 0, text=b"as the first saw it\n")
    slow = run.scored(0, 0)
    slow.write(b"as the second sees it\n")
    assert slow.stage() != first
    writer, _ = run.assembled(first, [])
    writer.commit()
    assert writer.client.download_blob().readall() == b"as the first saw it\n"


def test_staged_blocks_that_are_gone(service: BlobServiceClient, source: PinnedBlob) -> None:
    run = RangeRun(service, source, "ranges-64-v2")
    blocks = leave(run, 0)
    run.assembled(blocks, [])[0].commit()
    run.forget([(0, 0)])
    assert run.done() == {}
    with pytest.raises(HttpResponseError) as refused:
        run.assembled(blocks, [])[0].commit()
    assert blocks_are_gone(refused.value)
