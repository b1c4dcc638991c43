"""A run from its first byte to its summary."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from azure.core.exceptions import ServiceRequestError
from azure.storage.blob import BlobClient, BlobServiceClient

from functions.scoring.telemetry import file_stem
from functions.storage import containers
from functions.storage.errors import OutputLeasedError, OutputTakenError
from functions.storage.output_names import HTML, REPORT, run_folder
from functions.storage.pinned_blob import PinnedBlob
from functions.storage.publish import Published, Superseded
from functions.storage.published import already_done
from functions.storage.run_outputs import RunOutputs
from functions.storage.staged_writer import BLOCK_BYTES, StagedWriter
from tests.functions.storage.conftest import Upload

NOTHING: dict[str, bytes] = {}


def outputs(
    service: BlobServiceClient, folder: str, container: str = containers.PREDICTIONS
) -> dict[str, bytes]:
    """Return the test's blobs in a container by their names inside its folder."""
    client = service.get_container_client(container)
    return {
        name.removeprefix(f"{folder}/"): client.download_blob(name).readall()
        for name in client.list_blob_names(name_starts_with=f"{folder}/")
    }


def score(
    service: BlobServiceClient, source: PinnedBlob, text: bytes, model_version: str = "v2"
) -> Published | Superseded:
    with RunOutputs.begin(service, source, model_version) as run:
        run.scored.write(b"scored " + text)
        run.rejects.write(b"rejects " + text)
        return run.publish(b"summary " + text)


def expected(text: bytes, stem: str = "day") -> dict[str, bytes]:
    return {
        f"{stem}.csv": b"scored " + text,
        f"{stem}.rejects.csv": b"rejects " + text,
        f"{stem}.summary.json": b"summary " + text,
    }


@pytest.mark.parametrize(
    "name", ["day.csv", "2014/day 100%41?# ö日.csv.gz", "x" * 900 + ".csv", "日" * 300 + ".csv"]
)
def test_all_three_and_nothing_left_over(
    service: BlobServiceClient, upload: Upload, folder: str, name: str
) -> None:
    source = PinnedBlob.open(upload(b"input", name))
    with RunOutputs.begin(service, source, "v2") as run:
        run.scored.write(b"scored 1")
        run.rejects.write(b"rejects 1")
        assert outputs(service, folder) == NOTHING
        result = run.publish(b"summary 1")
    assert isinstance(result, Published)
    assert result.name == f"{folder}/{file_stem(name)}.summary.json"
    assert outputs(service, folder) == expected(b"1", file_stem(name))
    # Of this run alone: the session's app may be at work on other tests' uploads.
    left = service.get_container_client(containers.RUNS).list_blob_names()
    assert not [path for path in left if path.startswith(f"{run_folder(source)}/")]
    assert PinnedBlob.open(source.client).etag == source.etag, "the input was written to"


@pytest.mark.parametrize("name", ["x" * 1011 + ".csv", "日" * 1011 + ".csv", "a/" * 500 + "day.csv"])
def test_longest_names_stay_within_the_limits_of_the_service(service: BlobServiceClient, name: str) -> None:
    """A blob name may have 1,024 characters and a copy's source URL 2 KiB; Azurite checks neither."""
    client = service.get_blob_client(containers.TELEMETRY, name)
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    source = PinnedBlob(containers.TELEMETRY, name, '"0x8DE0123456789AB"', 1, moment, client)
    run_blob = RunOutputs.begin(service, source, "v2").rejects.client
    assert len(str(run_blob.blob_name)) <= 1024
    assert len(run_blob.url) <= 2000


def test_content_types_and_stamps(service: BlobServiceClient, upload: Upload, folder: str) -> None:
    source = PinnedBlob.open(upload(b"input"))
    score(service, source, b"1")
    for ending, content_type in [
        (".csv", "text/csv; charset=utf-8"),
        (".rejects.csv", "text/csv; charset=utf-8"),
        (".summary.json", "application/json"),
    ]:
        found = service.get_blob_client(containers.PREDICTIONS, f"{folder}/day{ending}").get_blob_properties()
        assert found.content_settings.content_type == content_type
        assert found.metadata["source_name"] == source.path
        assert found.metadata["source_etag"] == source.etag
        assert found.metadata["model_version"] == "v2"
        modified = datetime.fromisoformat(found.metadata["source_last_modified"])
        assert modified == source.last_modified
        assert modified.tzinfo == UTC


def test_further_outputs_are_published_before_the_summary(
    service: BlobServiceClient, upload: Upload, folder: str
) -> None:
    with RunOutputs.begin(service, PinnedBlob.open(upload(b"input")), "v2") as run:
        run.writer(".report.html", "text/html; charset=utf-8").write(b"<p>")
        run.publish(b"{}")
    assert outputs(service, folder)["day.report.html"] == b"<p>"


def test_already_done(service: BlobServiceClient, upload: Upload) -> None:
    source = PinnedBlob.open(upload(b"1"))
    assert not already_done(service, source, "v2")
    score(service, source, b"1")
    assert already_done(service, source, "v2")
    assert not already_done(service, source, "v3")
    assert not already_done(service, PinnedBlob.open(upload(b"2")), "v2")


def test_failed_is_not_done(service: BlobServiceClient, upload: Upload) -> None:
    source = PinnedBlob.open(upload(b"1"))
    with RunOutputs.begin(service, source, "v2") as run:
        run.fail(b"{}")
    assert not already_done(service, source, "v2")
    score(service, source, b"1")
    assert already_done(service, source, "v2")


def test_exception_publishes_nothing(service: BlobServiceClient, upload: Upload, folder: str) -> None:
    source = PinnedBlob.open(upload(b"1"))

    def crash() -> None:
        with RunOutputs.begin(service, source, "v2") as run:
            run.scored.write(b"x" * 10_000_000)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        crash()
    assert outputs(service, folder) == NOTHING
    assert outputs(service, folder, containers.RUNS) == NOTHING


def test_leaving_without_an_end_is_a_mistake(service: BlobServiceClient, upload: Upload) -> None:
    source = PinnedBlob.open(upload(b"1"))
    with (
        pytest.raises(RuntimeError, match="publish"),
        RunOutputs.begin(service, source, "v2") as run,
    ):
        run.scored.write(b"x")


@pytest.mark.parametrize("held", [".csv", ".rejects.csv", ".summary.json"])
def test_lost_connection_while_small_outputs_are_published_then_redelivery(
    service: BlobServiceClient, upload: Upload, folder: str, held: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are published in order, so that the summary is never there without the others."""
    source = PinnedBlob.open(upload(b"1"))
    put = BlobClient.upload_blob

    def lost(self: BlobClient, *arguments: Any, **options: Any) -> Any:
        if self.container_name == containers.PREDICTIONS and self.blob_name == f"{folder}/day{held}":
            raise ServiceRequestError("connection reset")
        return put(self, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(BlobClient, "upload_blob", lost)
        with pytest.raises(ServiceRequestError):
            score(service, source, b"1")
    endings = [".csv", ".rejects.csv", ".summary.json"]
    before = endings[: endings.index(held)]
    assert sorted(outputs(service, folder)) == [f"day{ending}" for ending in before]
    assert not already_done(service, source, "v2")
    score(service, source, b"1")
    assert outputs(service, folder) == expected(b"1")


@pytest.mark.parametrize("held", [".csv", ".rejects.csv", ".summary.json"])
def test_lost_connection_while_large_outputs_are_committed_then_redelivery(
    service: BlobServiceClient, upload: Upload, folder: str, held: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All are committed before one is published."""
    large = b"1" * BLOCK_BYTES
    source = PinnedBlob.open(upload(b"1"))
    commit = StagedWriter.commit

    def lost(self: StagedWriter) -> str:
        if str(self.client.blob_name).endswith("output" + held):
            raise ServiceRequestError("connection reset")
        return commit(self)

    with monkeypatch.context() as patch:
        patch.setattr(StagedWriter, "commit", lost)
        with pytest.raises(ServiceRequestError):
            score(service, source, large)
    assert outputs(service, folder) == NOTHING
    assert not already_done(service, source, "v2")
    score(service, source, large)
    assert outputs(service, folder) == expected(large)
    left = service.get_container_client(containers.RUNS).list_blob_names()
    assert not [path for path in left if path.startswith(f"{run_folder(source)}/")]


@pytest.mark.parametrize("held", [".rejects.csv", ".summary.json"])
@pytest.mark.parametrize("fails", [True, False])
def test_a_run_overtaken_while_it_publishes_takes_back_what_nobody_replaced(
    service: BlobServiceClient,
    upload: Upload,
    folder: str,
    held: str,
    fails: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After the old run has asked whether it is current, the new one begins and ends."""
    source = PinnedBlob.open(upload(b"old"))
    put = BlobClient.upload_blob
    overtaken: list[Published | Superseded] = []

    def overtake(self: BlobClient, *arguments: Any, **options: Any) -> Any:
        if not overtaken and self.blob_name == f"{folder}/day{held}":
            overtaken.append(Superseded("", "in progress"))
            new = PinnedBlob.open(upload(b"new"))
            if fails:
                # Nothing is in its way but what the old run has published; that is removed.
                with RunOutputs.begin(service, new, "v2") as run:
                    overtaken.append(run.fail(b"failed"))
            else:
                overtaken.append(score(service, new, b"new"))
        return put(self, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(BlobClient, "upload_blob", overtake)
        assert isinstance(score(service, source, b"old"), Superseded)
    assert isinstance(overtaken[1], Published)
    assert outputs(service, folder) == ({"day.summary.json": b"failed"} if fails else expected(b"new"))


def test_failed_run_removes_stale_outputs(service: BlobServiceClient, upload: Upload, folder: str) -> None:
    with RunOutputs.begin(service, PinnedBlob.open(upload(b"good")), "v2") as run:
        run.writer(REPORT, HTML).write(b"<!doctype html>")
        assert isinstance(run.publish(b"good"), Published)
    report = service.get_blob_client(containers.PREDICTIONS, f"{folder}/day.report.html")
    assert report.get_blob_properties().content_settings.content_type == HTML
    with RunOutputs.begin(service, PinnedBlob.open(upload(b"bad")), "v2") as run:
        run.scored.write(b"half")
        assert isinstance(run.fail(b"no header"), Published)
    assert outputs(service, folder) == {"day.summary.json": b"no header"}
    summary = service.get_blob_client(containers.PREDICTIONS, f"{folder}/day.summary.json")
    assert summary.get_blob_properties().metadata["outcome"] == "failed"


def test_output_name_of_another_file_is_refused_at_the_start(
    service: BlobServiceClient, upload: Upload, folder: str
) -> None:
    score(service, PinnedBlob.open(upload(b"1", "day.csv")), b"plain")
    with pytest.raises(OutputTakenError):
        already_done(service, PinnedBlob.open(upload(b"2", "day.csv.gz")), "v2")
    assert outputs(service, folder) == expected(b"plain")


LEASED = [".csv", ".rejects.csv", ".summary.json"]


@pytest.mark.parametrize("leased", LEASED)
def test_a_lease_on_one_output_leaves_all_of_them_when_a_run_fails(
    service: BlobServiceClient, upload: Upload, folder: str, leased: str
) -> None:
    """batch/faults/test_leases.py has runs that end well."""
    score(service, PinnedBlob.open(upload(b"old")), b"old")
    new = PinnedBlob.open(upload(b"new"))
    lease = service.get_blob_client(containers.PREDICTIONS, f"{folder}/day{leased}").acquire_lease()

    def end() -> None:
        with RunOutputs.begin(service, new, "v2") as run:
            run.scored.write(b"scored new")
            run.fail(b"summary new")

    with pytest.raises(OutputLeasedError, match=re.escape(f"/day{leased}: ")):
        end()
    assert outputs(service, folder) == expected(b"old")
    lease.release()
    score(service, new, b"new")
    assert outputs(service, folder) == expected(b"new")


def test_a_lease_on_the_summary_shows_before_the_work(
    service: BlobServiceClient, upload: Upload, folder: str
) -> None:
    old = PinnedBlob.open(upload(b"old"))
    score(service, old, b"old")
    lease = service.get_blob_client(containers.PREDICTIONS, f"{folder}/day.summary.json").acquire_lease()
    assert already_done(service, old, "v2"), "nothing is to be replaced"
    with pytest.raises(OutputLeasedError):
        already_done(service, PinnedBlob.open(upload(b"new")), "v2")
    lease.release()


@pytest.mark.parametrize("leased", LEASED[1:])
def test_a_lease_that_begins_while_outputs_are_published_leaves_none_of_this_run(
    service: BlobServiceClient, upload: Upload, folder: str, leased: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    score(service, PinnedBlob.open(upload(b"old")), b"old")
    new = PinnedBlob.open(upload(b"new"))
    put = BlobClient.upload_blob
    leases: list[Any] = []

    def take(self: BlobClient, *arguments: Any, **options: Any) -> Any:
        if not leases and self.blob_name == f"{folder}/day{leased}":
            leases.append(self.acquire_lease())
        return put(self, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(BlobClient, "upload_blob", take)
        with pytest.raises(OutputLeasedError):
            score(service, new, b"new")
    left = outputs(service, folder)
    assert {name: text for name, text in expected(b"old").items() if name in left} == left
    leases[0].release()
    score(service, new, b"new")
    assert outputs(service, folder) == expected(b"new")
