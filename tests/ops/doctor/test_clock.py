from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ops.app.target import Target
from ops.doctor.clock import check_clock, compare
from tests.support.running_app import RunningAzurite

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "state", "reported"),
    [
        (0, "ok", "0 s "),
        (-300, "ok", "300 s "),
        (301, "failed", " 301 s "),
        (-4000, "failed", " 4000 s "),
    ],
)
def test_the_difference_is_judged(seconds: int, state: str, reported: str) -> None:
    found = compare(NOW + timedelta(seconds=seconds), NOW)
    assert found.state == state
    assert reported in found.message


def test_the_service_tells_its_time(account: RunningAzurite) -> None:
    assert check_clock(Target()).state == "ok"
