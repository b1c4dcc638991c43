from __future__ import annotations

import base64
import json
from pathlib import Path

from ops.poison import queue as poison_queue
from ops.poison.message import PoisonedFile
from ops.poison.queue import BLOB_TRIGGER, QUEUES, count, count_all, file_state, given_up, shown
from tests.ops.poison.test_message import BODY, EVENT, RANGE
from tests.support.running_app import PROJECT, RunningAzurite


def test_an_absent_queue_is_empty(account: RunningAzurite) -> None:
    queue = account.queues.get_queue_client("absent-poison")
    assert shown(queue) == []
    assert count(queue) == 0
    assert list(poison_queue.taken(queue, 10)) == []


def test_what_became_of_a_file(account: RunningAzurite) -> None:
    blob = account.blobs.get_blob_client("telemetry", "state/day.csv")
    etag = str(blob.upload_blob(b"1", overwrite=True)["etag"]).strip('"')
    file = PoisonedFile("telemetry", "state/day.csv", etag)
    assert file_state(account.blobs, file) == "unchanged"
    blob.upload_blob(b"2", overwrite=True)
    assert file_state(account.blobs, file) == "changed"
    blob.delete_blob()
    assert file_state(account.blobs, file) == "gone"


def test_all_queues_are_counted(account: RunningAzurite) -> None:
    assert count_all(account.queues) == 0
    for each in QUEUES:
        account.queues.get_queue_client(each.name).send_message("x")
    assert count_all(account.queues) == 3


def test_the_tries_are_host_jsons(tmp_path: Path) -> None:
    assert [each.tries(PROJECT) for each in QUEUES] == [5, 5, 5]
    assert BLOB_TRIGGER.tries(tmp_path) == 5
    (tmp_path / "host.json").write_text('{"extensions": {"blobs": {"poisonBlobThreshold": 3}}}')
    assert [each.tries(tmp_path) for each in QUEUES] == [3, 5, 5]
    (tmp_path / "host.json").write_text("[")
    assert BLOB_TRIGGER.tries(tmp_path) == 5


def test_files_given_up_of_all_queues(account: RunningAzurite) -> None:
    assert given_up(account.queues) == set()
    for each, body in zip(QUEUES, (BODY, RANGE, EVENT), strict=True):
        queue = account.queues.get_queue_client(each.name)
        queue.send_message(base64.b64encode(json.dumps(body).encode()).decode())
        queue.send_message("names no file")
    etag = "0x8D1DC6E70A277EF"
    names = ("site 1/ü/day.csv", "2025-Q1.csv", "site 1/day.csv")
    assert given_up(account.queues) == {PoisonedFile("telemetry", name, etag) for name in names}
    assert count_all(account.queues) == 6, "nothing is taken"
