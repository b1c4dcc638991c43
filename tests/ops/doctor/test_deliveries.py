from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ops.app.target import Target
from ops.doctor.deliveries import DELIVERED, FAILED, MATCHED, check_dead_letter, judge, last_hours
from tests.ops.doctor.hand_written_answers import metric
from tests.support.running_app import RunningAzurite

NOW = datetime(2026, 1, 2, 12, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_the_last_hour_that_counted_something() -> None:
    found = last_hours([metric(MATCHED, 2.0, 3), metric(DELIVERED, 0.0), {"name": {"value": FAILED}}])
    assert list(found) == [MATCHED]
    assert timedelta(hours=2) < datetime.now(UTC) - found[MATCHED] < timedelta(hours=5)


@pytest.mark.parametrize(
    ("hours", "expected", "state", "reported"),
    [
        ({}, False, "ok", " file"),
        ({}, True, "failed", " event"),
        (
            {MATCHED: NOW - HOUR, DELIVERED: NOW - HOUR},
            True,
            "ok",
            " 1 h ago",
        ),
        ({MATCHED: NOW - HOUR, FAILED: NOW - HOUR}, True, "failed", " 1 h ago"),
        ({DELIVERED: NOW - HOUR, FAILED: NOW - 3 * HOUR}, False, "ok", " 1 h ago"),
        ({DELIVERED: NOW - 3 * HOUR, FAILED: NOW - HOUR}, False, "failed", " 1 h ago"),
    ],
)
def test_whether_events_arrive(hours: dict[str, datetime], expected: bool, state: str, reported: str) -> None:
    found = judge(hours, NOW, expected=expected)
    assert found.state == state
    assert reported in found.message


def test_dead_letters_are_counted(account: RunningAzurite) -> None:
    azure = Target("http://x", app="drivecast", resource_group="rg")
    container = account.blobs.get_container_client("dead-letter")
    if not container.exists():
        container.create_container()
    assert check_dead_letter(azure).state == "ok"
    container.upload_blob("evgt/2026/1/1/0/a.json", b"[]")
    found = check_dead_letter(azure)
    container.delete_blob("evgt/2026/1/1/0/a.json")
    assert found.state == "failed"
    assert found.message.endswith(" 1 blobs")
    assert check_dead_letter(Target()).state == "does not apply"
