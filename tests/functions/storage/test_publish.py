"""Compare-and-swap between rival runs."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.storage.blob import BlobClient, BlobServiceClient

from functions.storage import containers
from functions.storage import publish as room
from functions.storage.errors import OutputLeasedError, OutputTakenError, PublishError
from functions.storage.pinned_blob import PinnedBlob
from functions.storage.provenance import Provenance
from functions.storage.publish import Published, Superseded, publish, publish_written, remove
from functions.storage.staged_writer import StagedWriter
from tests.functions.storage.conftest import Upload


@pytest.fixture
def target(service: BlobServiceClient, folder: str) -> BlobClient:
    return service.get_blob_client(containers.PREDICTIONS, f"{folder}/day.csv")


class Run:
    """A finished run with one output, which holds the ETag of its source and the model version."""

    def __init__(self, service: BlobServiceClient, source: BlobClient, model_version: str = "v2") -> None:
        self.service = service
        self.source = PinnedBlob.open(source)
        self.provenance = Provenance.of(self.source, model_version)
        self.bytes = f"{self.source.etag} by {model_version}".encode() * 100
        name = f"{self.source.name}/{self.source.etag.strip('"')}/{model_version}/output.csv"
        self.blob = service.get_blob_client(containers.RUNS, name)
        self.blob.upload_blob(self.bytes, overwrite=True)

    def publish(self, target: BlobClient) -> Published | Superseded:
        return publish(self.service, self.blob, target, self.provenance, self.source)


def test_published_with_its_stamp(service: BlobServiceClient, upload: Upload, target: BlobClient) -> None:
    run = Run(service, upload(b"1", "Größe ü.csv"))
    result = run.publish(target)
    found = target.get_blob_properties()
    assert result == Published(target.blob_name, found.etag)
    assert target.download_blob().readall() == run.bytes
    assert Provenance.read(found.metadata) == run.provenance
    assert found.metadata["source_name"].endswith("/Gr%C3%B6%C3%9Fe%20%C3%BC.csv")


def test_twice_is_harmless(service: BlobServiceClient, upload: Upload, target: BlobClient) -> None:
    run = Run(service, upload(b"1"))
    assert isinstance(run.publish(target), Published)
    assert isinstance(run.publish(target), Published)
    assert target.download_blob().readall() == run.bytes


@pytest.mark.parametrize("old_first", [True, False])
def test_newest_source_wins(
    service: BlobServiceClient, upload: Upload, target: BlobClient, old_first: bool
) -> None:
    old = Run(service, upload(b"1"))
    if old_first:
        assert isinstance(old.publish(target), Published)
    new = Run(service, upload(b"2"))  # within the same second as the first upload
    assert isinstance(new.publish(target), Published)
    late = old.publish(target)
    assert isinstance(late, Superseded)
    assert old.source.etag in late.reason
    assert target.download_blob().readall() == new.bytes


def test_old_run_stops_before_the_new_one_published(
    service: BlobServiceClient, upload: Upload, target: BlobClient
) -> None:
    old = Run(service, upload(b"1"))
    upload(b"2")
    assert isinstance(old.publish(target), Superseded)
    assert not target.exists()


@pytest.mark.parametrize("older_output", [False, True])
@pytest.mark.parametrize("step", ["publish", "remove"])
def test_source_replaced_and_published_between_question_and_write(
    service: BlobServiceClient,
    upload: Upload,
    target: BlobClient,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    older_output: bool,
) -> None:
    if older_output:
        Run(service, upload(b"0")).publish(target)
    old = Run(service, upload(b"1"))
    ask = PinnedBlob.is_current
    overtaken: list[Run] = []

    def overtake(self: PinnedBlob) -> bool:
        answer = ask(self)
        if self is old.source and not overtaken:
            overtaken.append(Run(service, upload(b"2")))
            assert isinstance(overtaken[0].publish(target), Published)
        return answer

    monkeypatch.setattr(PinnedBlob, "is_current", overtake)
    if step == "publish":
        assert isinstance(old.publish(target), Superseded)
    else:
        remove(service, target, old.provenance.failed(), old.source)
    assert target.download_blob().readall() == overtaken[0].bytes


def test_deleted_source(service: BlobServiceClient, upload: Upload, target: BlobClient) -> None:
    source = upload(b"1")
    run = Run(service, source)
    source.delete_blob()
    assert isinstance(run.publish(target), Superseded)
    assert not target.exists()


@pytest.mark.parametrize("seed", range(3))
def test_rivals_at_once(service: BlobServiceClient, upload: Upload, target: BlobClient, seed: int) -> None:
    runs = [Run(service, upload(str(version).encode())) for version in range(3)]
    newest = runs[-1]
    rivals = runs * 6
    random.Random(seed).shuffle(rivals)
    start = Barrier(len(rivals))

    def race(run: Run) -> Published | Superseded:
        start.wait()
        return run.publish(target)

    with ThreadPoolExecutor(len(rivals)) as pool:
        results = list(pool.map(race, rivals))
    for run, result in zip(rivals, results, strict=True):
        assert isinstance(result, Published if run is newest else Superseded)
    assert target.download_blob().readall() == newest.bytes


def test_of_two_models_the_run_that_began_later_wins(
    service: BlobServiceClient, upload: Upload, target: BlobClient
) -> None:
    source = upload(b"1")
    earlier, later = Run(service, source, "v3"), Run(service, source, "v2")
    later.provenance = replace(later.provenance, started=earlier.provenance.started + timedelta(seconds=1))
    assert isinstance(earlier.publish(target), Published)
    assert isinstance(later.publish(target), Published)
    assert isinstance(earlier.publish(target), Superseded)
    assert target.download_blob().readall() == later.bytes


def test_failure_never_replaces_a_score_of_the_same_work(
    service: BlobServiceClient, upload: Upload, target: BlobClient
) -> None:
    run = Run(service, upload(b"1"))
    run.publish(target)
    assert isinstance(publish(service, run.blob, target, run.provenance.failed(), run.source), Superseded)
    assert isinstance(remove(service, target, run.provenance.failed(), run.source), Published)
    assert target.exists()


@pytest.mark.parametrize("later", [1, -1])
def test_a_score_outranks_a_failure_of_another_model(
    service: BlobServiceClient, upload: Upload, target: BlobClient, later: int
) -> None:
    """Whichever of the two runs began later, and whichever ends first."""
    source = upload(b"1")
    scored, failed = Run(service, source, "v2"), Run(service, source, "v3")
    failed.provenance = replace(
        failed.provenance.failed(), started=scored.provenance.started + timedelta(seconds=later)
    )
    assert isinstance(failed.publish(target), Published)
    assert isinstance(scored.publish(target), Published)
    late = failed.publish(target)
    assert isinstance(late, Superseded)
    assert isinstance(remove(service, target, failed.provenance, failed.source), Superseded)
    assert target.download_blob().readall() == scored.bytes
    again = Run(service, source, "v3")
    assert isinstance(again.publish(target), Published), "scored anew by another model"
    assert target.download_blob().readall() == again.bytes


def test_remove_older_output(service: BlobServiceClient, upload: Upload, target: BlobClient) -> None:
    old = Run(service, upload(b"1"))
    old.publish(target)
    new = Run(service, upload(b"2"))
    assert isinstance(remove(service, target, old.provenance.failed(), old.source), Published)
    assert target.exists(), "an output of the very same work stays"
    assert isinstance(remove(service, target, new.provenance.failed(), new.source), Published)
    assert not target.exists()
    assert isinstance(remove(service, target, new.provenance.failed(), new.source), Published)


def test_superseded_run_removes_nothing(
    service: BlobServiceClient, upload: Upload, target: BlobClient
) -> None:
    old = Run(service, upload(b"1"))
    new = Run(service, upload(b"2"))
    new.publish(target)
    assert isinstance(remove(service, target, old.provenance.failed(), old.source), Superseded)
    assert target.exists()


def test_an_output_without_stamp_is_replaced(
    service: BlobServiceClient, upload: Upload, target: BlobClient
) -> None:
    target.upload_blob(b"put there by hand")
    run = Run(service, upload(b"1"))
    assert isinstance(run.publish(target), Published)
    assert target.download_blob().readall() == run.bytes


def test_two_sources_of_one_output_name(
    service: BlobServiceClient, upload: Upload, target: BlobClient
) -> None:
    plain, packed = upload(b"1", "day.csv"), upload(b"2", "day.csv.gz")
    Run(service, plain).publish(target)
    other = Run(service, packed)
    with pytest.raises(OutputTakenError, match=r"day\.csv\."):
        other.publish(target)
    plain.delete_blob()
    assert isinstance(other.publish(target), Published)


def test_missing_run_blob(service: BlobServiceClient, upload: Upload, target: BlobClient) -> None:
    run = Run(service, upload(b"1"))
    run.blob.delete_blob()
    with pytest.raises(ResourceNotFoundError):
        run.publish(target)
    assert not target.exists()


@pytest.mark.parametrize("seconds", [60, -1])
def test_leased_output_ends_at_once_with_a_reason(
    service: BlobServiceClient, upload: Upload, target: BlobClient, seconds: int
) -> None:
    target.upload_blob(b"kept")
    lease = target.acquire_lease(seconds)
    run = Run(service, upload(b"1"))
    with pytest.raises(OutputLeasedError, match="predictions/"):
        run.publish(target)
    with pytest.raises(OutputLeasedError):
        remove(service, target, run.provenance, run.source)
    lease.release()
    assert target.download_blob().readall() == b"kept"


class PostponedCopy:
    """Stand-in for a target whose copies the service postpones, which Azurite never does."""

    container_name, blob_name = containers.PREDICTIONS, "day.csv"

    def __init__(self, statuses: list[str], copy_id: str = "mine") -> None:
        self.statuses = statuses
        self.copy_id = copy_id
        self.aborted: list[str] = []

    def get_blob_properties(self) -> Any:
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]

        class Copy:
            id, status_description = self.copy_id, "why"

        Copy.status = status  # type: ignore[attr-defined]

        class Properties:
            copy, etag = Copy, '"after"'

        return Properties

    def abort_copy(self, copy_id: str) -> None:
        self.aborted.append(copy_id)
        raise HttpResponseError("there is no pending copy")


def test_postponed_copy_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    target: Any = PostponedCopy(["pending", "pending", "success"])
    assert room._wait_for_copy(target, "mine", '"before"', "pending") == '"after"'
    assert target.statuses == ["success"]
    replaced: Any = PostponedCopy(["pending"], copy_id="a rival's")
    assert room._wait_for_copy(replaced, "mine", '"before"', "pending") == '"after"'


def test_copy_that_fails_or_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    failed: Any = PostponedCopy(["pending", "failed"])
    with pytest.raises(PublishError, match="'failed'"):
        room._wait_for_copy(failed, "mine", '"before"', "pending")
    monkeypatch.setattr(room, "PATIENCE_SECONDS", 0.2)
    endless: Any = PostponedCopy(["pending"])
    with pytest.raises(PublishError, match="'pending'"):
        room._wait_for_copy(endless, "mine", '"before"', "pending")
    assert endless.aborted == ["mine"]


def written(run: Run) -> StagedWriter:
    """Write a run's output, which is small."""
    writer = StagedWriter(run.blob, content_type="text/csv")
    writer.write(run.bytes)
    return writer


@pytest.mark.parametrize("presumed_absent", [True, False])
def test_small_outputs_are_put_in_their_place(
    service: BlobServiceClient, upload: Upload, target: BlobClient, presumed_absent: bool
) -> None:
    run = Run(service, upload(b"1"))
    writer = written(run)
    result = publish_written(
        service, writer, target, run.provenance, run.source, presumed_absent=presumed_absent
    )
    found = target.get_blob_properties()
    assert result == Published(target.blob_name, found.etag)
    assert isinstance(result, Published)
    assert result.fresh is presumed_absent
    assert writer.etag is None, "nothing is assembled elsewhere"
    assert target.download_blob().readall() == run.bytes
    assert found.content_settings.content_type == "text/csv"
    assert Provenance.read(found.metadata) == run.provenance


def test_what_is_presumed_absent_and_is_there(
    service: BlobServiceClient, upload: Upload, target: BlobClient
) -> None:
    """The source has been asked, and is replaced before the first write: the newer run's output stays."""
    old = Run(service, upload(b"1"))
    assert isinstance(
        publish_written(service, written(old), target, old.provenance, old.source, presumed_absent=True),
        Published,
    )
    new = Run(service, upload(b"2"))
    replaced = publish_written(
        service, written(new), target, new.provenance, new.source, presumed_absent=True
    )
    assert isinstance(replaced, Published)
    assert not replaced.fresh
    late = publish_written(service, written(old), target, old.provenance, old.source, presumed_absent=True)
    assert isinstance(late, Superseded)
    assert target.download_blob().readall() == new.bytes
    other = Run(service, upload(b"3", "day.csv.gz"))
    with pytest.raises(OutputTakenError):
        publish_written(service, written(other), target, other.provenance, other.source, presumed_absent=True)
    assert target.download_blob().readall() == new.bytes


@pytest.mark.parametrize("seed", range(2))
def test_rivals_that_presume_that_nothing_is_there(
    service: BlobServiceClient, upload: Upload, target: BlobClient, seed: int
) -> None:
    """All have asked whether they are current, at a time when they were."""
    runs = [Run(service, upload(str(version).encode())) for version in range(3)]
    rivals = runs * 4
    random.Random(seed).shuffle(rivals)
    start = Barrier(len(rivals))

    def race(run: Run) -> Published | Superseded:
        writer = written(run)
        start.wait()
        return publish_written(service, writer, target, run.provenance, run.source, presumed_absent=True)

    with ThreadPoolExecutor(len(rivals)) as pool:
        list(pool.map(race, rivals))
    assert target.download_blob().readall() == runs[-1].bytes
