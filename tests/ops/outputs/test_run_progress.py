from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from functions.batch import progress as progress_module
from functions.batch.progress import put_progress
from functions.storage.output_names import progress_name
from functions.storage.pinned_blob import PinnedBlob
from ops.outputs.run_progress import SILENT, of_version, running
from tests.support.running_app import RunningAzurite


@pytest.fixture(autouse=True)
def _at_once(account: RunningAzurite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_module, "PAUSE_SECONDS", 0.0)
    runs = account.blobs.get_container_client("runs")
    if not runs.exists():
        runs.create_container()


def upload(account: RunningAzurite, name: str) -> PinnedBlob:
    """Upload a file, or its next version."""
    blob = account.blobs.get_blob_client("telemetry", name)
    blob.upload_blob(b"x" * 400, overwrite=True)
    return PinnedBlob.open(blob)


def say(account: RunningAzurite, source: PinnedBlob, done: int) -> None:
    """Put a run's progress as the app does."""
    started = datetime.now(UTC) - timedelta(seconds=3.5)
    put_progress(account.blobs, source, started, 10 * done, bytes_done=100 * done, ranges_done=done, ranges=4)


def shown(account: RunningAzurite, *, later: timedelta = timedelta()) -> dict[str, int]:
    """Ranges done of the runs that go on, of this module's files."""
    found = running(account.blobs, datetime.now(UTC) + later)
    return {stem: reported.ranges_done for stem, reported in found.items() if stem.startswith("progress/")}


def summarise(account: RunningAzurite, source: PinnedBlob, status: str, code: str = "bad_file") -> None:
    error = {"code": code, "title": "t", "detail": "d"} if status == "failed" else None
    document = {"status": status, "source": {"name": source.name, "etag": source.etag}, "error": error}
    blob = account.blobs.get_blob_client("predictions", source.name.removesuffix("csv") + "summary.json")
    blob.upload_blob(json.dumps(document), overwrite=True)


def test_runs_that_go_on(account: RunningAzurite) -> None:
    sources = {name: upload(account, f"progress/{name}.csv") for name in "abcd"}
    say(account, sources["b"], 2)
    say(account, sources["a"], 1)
    damaged = progress_name("progress/c.csv", sources["c"].etag)
    account.blobs.get_blob_client("runs", damaged).upload_blob(b'{"source_name": "\xff"}')
    assert list(shown(account)) == ["progress/a", "progress/b"]
    assert shown(account, later=2 * SILENT) == {}, "silent for long: it was killed"
    reported = of_version(account.blobs, "progress/a.csv", sources["a"].etag)
    assert reported is not None
    assert (reported.bytes_done, reported.bytes, reported.rows, reported.seconds) == (100, 400, 10, 3.5)
    assert of_version(account.blobs, "progress/c.csv", sources["c"].etag) is None
    assert of_version(account.blobs, "progress/d.csv", sources["d"].etag) is None


def test_progress_of_an_earlier_upload_is_not_that_of_the_newer_one(account: RunningAzurite) -> None:
    earlier = upload(account, "progress/again.csv")
    say(account, earlier, 3)
    assert shown(account)["progress/again"] == 3
    newer = upload(account, "progress/again.csv")
    assert "progress/again" not in shown(account)
    assert of_version(account.blobs, newer.name, newer.etag) is None
    say(account, newer, 1)
    say(account, earlier, 4)
    assert shown(account)["progress/again"] == 1
    reported = of_version(account.blobs, newer.name, newer.etag)
    assert reported is not None
    assert reported.ranges_done == 1
    newer.client.delete_blob()
    assert "progress/again" not in shown(account)


def test_a_run_with_a_result_does_not_go_on(account: RunningAzurite) -> None:
    for name, status, code, goes_on in (
        ("scored", "scored", "", False),
        ("refused", "failed", "bad_file", False),
        ("tried-again", "failed", "run_failed", True),
    ):
        source = upload(account, f"progress/{name}.csv")
        say(account, source, 1)
        summarise(account, source, status, code)
        assert (f"progress/{name}" in shown(account)) is goes_on
    account.blobs.get_blob_client("predictions", "progress/tried-again.summary.json").upload_blob(
        b"[]", overwrite=True
    )
    assert "progress/tried-again" in shown(account), "a summary that cannot be read says nothing"
