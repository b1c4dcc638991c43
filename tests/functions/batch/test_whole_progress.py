from __future__ import annotations

import json
from typing import Any

import pytest
from azure.core.exceptions import ResourceNotFoundError

from functions.batch import progress as progress_module
from functions.batch.progress import WholeFileProgress
from functions.scoring.report.tally import Tally
from functions.storage.pinned_blob import PinnedBlob
from tests.functions.conftest import Fleet
from tests.support.running_app import RunningAzurite

DATA = b"0123456789" * 3


@pytest.fixture
def source(account: RunningAzurite, fleet: Fleet) -> PinnedBlob:
    """A file that no app takes, as it is no CSV."""
    fleet.drop("day.txt", DATA)
    return PinnedBlob.open(account.blobs.get_blob_client("telemetry", f"{fleet.folder}/day.txt"))


def told(fleet: Fleet) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(fleet.output("day.txt.progress.json"))
    return found


def test_a_file_that_is_done_soon_says_nothing(
    account: RunningAzurite, fleet: Fleet, source: PinnedBlob
) -> None:
    progress = WholeFileProgress(account.blobs, source, Tally())
    assert b"".join(progress.follow(source.chunks(7))) == DATA
    progress.finish()
    with pytest.raises(ResourceNotFoundError):
        told(fleet)


def test_bytes_and_rows_while_it_is_read(
    account: RunningAzurite, fleet: Fleet, source: PinnedBlob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_module, "QUIET_SECONDS", 0.0)
    tally = Tally()
    progress = WholeFileProgress(account.blobs, source, tally)
    seen = []
    for chunk in progress.follow(source.chunks(10)):
        tally.lines += len(chunk)
        seen.append(told(fleet))
    assert [each["bytes_done"] for each in seen] == [0, 10, 20]
    assert [each["rows"] for each in seen] == [0, 10, 20]
    assert {(each["ranges_done"], each["ranges"], each["bytes"]) for each in seen} == {(0, 1, 30)}
    progress.finish()
    last = told(fleet)
    assert (last["ranges_done"], last["bytes_done"], last["rows"]) == (1, 30, 30)
    assert last["source_etag"] == source.etag


def test_not_more_often_than_that(
    account: RunningAzurite, fleet: Fleet, source: PinnedBlob, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    monkeypatch.setattr(
        progress_module,
        "write_progress",
        lambda _service, _source, progress: written.append(progress.bytes_done),
    )
    monkeypatch.setattr(progress_module, "QUIET_SECONDS", 3_600.0)
    list(WholeFileProgress(account.blobs, source, Tally()).follow(source.chunks(1)))
    assert written == []
