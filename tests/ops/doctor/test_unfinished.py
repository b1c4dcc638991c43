from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from functions.storage.pinned_blob import PinnedBlob
from functions.storage.run_outputs import RunOutputs
from ops.app.target import Target
from ops.doctor import unfinished as room
from ops.doctor.unfinished import check_unfinished, find_unfinished
from tests.support.running_app import RunningAzurite

DAYS = timedelta(days=1)


def failed_summary(source: PinnedBlob, code: str) -> bytes:
    reported = {"name": source.name, "etag": source.etag}
    error = {"code": code, "title": "t", "detail": "d"}
    return json.dumps({"status": "failed", "source": reported, "error": error}).encode()


def test_files_without_a_final_summary(account: RunningAzurite, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the app publishes, by its own code; a file cannot be a day old here, so the day is another."""
    telemetry = account.blobs.get_container_client("telemetry")
    for left_over in list(telemetry.list_blob_names()):
        telemetry.delete_blob(left_over)
    for name in ("scored", "refused", "tried", "silent", "newer", "notes"):
        blob = telemetry.upload_blob(f"due/{name}.{'txt' if name == 'notes' else 'csv'}", b"x")
        if name in ("silent", "notes"):
            continue
        source = PinnedBlob.open(blob)
        with RunOutputs.begin(account.blobs, source, "v2") as run:
            if name in ("scored", "newer"):
                run.publish(b"{}")
            else:
                run.fail(failed_summary(source, "bad_file" if name == "refused" else "run_failed"))
    telemetry.upload_blob("due/newer.csv", b"y", overwrite=True)
    now = datetime.now(UTC)
    assert find_unfinished(account.blobs, now) == []
    assert check_unfinished(Target()).state == "ok"
    left = {"due/tried.csv", "due/silent.csv", "due/newer.csv"}
    assert {file.name for file in find_unfinished(account.blobs, now + 2 * DAYS)} == left
    assert find_unfinished(account.blobs, now + 31 * DAYS) == []

    monkeypatch.setattr(room, "OVERDUE", -DAYS)
    monkeypatch.setattr(room, "SHOWN", 1)
    found = check_unfinished(Target())
    assert found.state == "failed"
    assert ": 3, due/" in found.message
    assert "2 more" in found.message
