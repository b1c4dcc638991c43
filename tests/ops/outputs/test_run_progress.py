from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from ops.outputs.run_progress import SILENT, RunProgress, of_stem, running
from tests.support.running_app import RunningAzurite

NOW = datetime.now(UTC)


def put(account: RunningAzurite, stem: str, content: bytes | dict[str, object]) -> None:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    account.blobs.get_blob_client("predictions", f"{stem}.progress.json").upload_blob(data, overwrite=True)


def said(done: int = 1, *, ago: timedelta = timedelta()) -> dict[str, object]:
    return {
        "ranges_done": done,
        "ranges": 4,
        "bytes": 400,
        "bytes_done": 100 * done,
        "seconds": 3.5,
        "updated": (datetime.now(UTC) - ago).isoformat(),
        "source_etag": '"0x1"',
        "new_field": 1,
    }


def test_runs_that_go_on(account: RunningAzurite) -> None:
    put(account, "progress/a", said(1))
    put(account, "progress/b", said(4))
    put(account, "progress/c", said(2, ago=2 * SILENT))
    put(account, "progress/d", b"{")
    found = {
        stem: told for stem, told in running(account.blobs, datetime.now(UTC)).items() if "progress/" in stem
    }
    assert list(found) == ["progress/a"]
    assert (found["progress/a"].bytes_done, found["progress/a"].rows) == (100, None)
    assert of_stem(account.blobs, "progress/d") is None
    assert of_stem(account.blobs, "progress/none") is None


def test_silence() -> None:
    told = RunProgress(1, 2, 2, 1, 1.0, NOW, "e")
    assert told.is_running(NOW + SILENT / 2)
    assert not told.is_running(NOW + SILENT)
