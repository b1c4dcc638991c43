from __future__ import annotations

import json
import time

import pytest

from ops.errors import OpsError
from ops.outputs import telemetry_files
from ops.outputs.telemetry_files import newest, progress, summary_of
from tests.support.running_app import RunningAzurite


def test_the_newest_first_and_what_became_of_each(account: RunningAzurite) -> None:
    blobs = account.blobs
    telemetry = blobs.get_container_client("telemetry")
    for name in list(telemetry.list_blob_names()):
        telemetry.delete_blob(name)
    for name in ("files/old.json", "files/new.csv.gz", "files/notes.txt"):
        telemetry.upload_blob(name, b"x")
        time.sleep(1.1)  # the service's times are in whole seconds
    found = newest(blobs, 5)
    assert [file.name for file in found] == ["files/new.csv.gz", "files/old.json"]
    assert [file.name for file in newest(blobs, 1)] == ["files/new.csv.gz"]
    assert summary_of(blobs, found[0]) is None
    assert progress(None) == "waiting"
    assert progress(None, given_up=True) == "given up"

    def put(status: str, etag: str, code: str = "") -> None:
        error = {"code": code, "title": "t", "detail": "d"} if code else None
        document = {
            "status": status,
            "source": {"name": "files/new.csv.gz", "etag": etag},
            "error": error,
        }
        target = blobs.get_blob_client("predictions", "files/new.summary.json")
        target.upload_blob(json.dumps(document).encode(), overwrite=True)

    put("scored", '"of an earlier version"')
    assert summary_of(blobs, found[0]) is None
    put("scored", f'"{found[0].etag}"')
    assert progress(summary_of(blobs, found[0])) == "scored"
    assert progress(summary_of(blobs, found[0]), given_up=True) == "scored"
    put("failed", found[0].etag, "bad_file")
    assert progress(summary_of(blobs, found[0])) == "refused"
    assert progress(summary_of(blobs, found[0]), given_up=True) == "refused"
    put("failed", found[0].etag, "run_failed")
    assert progress(summary_of(blobs, found[0])) == "failed"
    assert progress(summary_of(blobs, found[0]), given_up=True) == "given up"
    put("scored", "")
    blobs.get_blob_client("predictions", "files/new.summary.json").upload_blob(b"[]", overwrite=True)
    with pytest.raises(OpsError):
        summary_of(blobs, found[0])


def test_no_container_no_files(account: RunningAzurite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry_files, "TELEMETRY", "absent")
    assert newest(account.blobs, 3) == []
