from __future__ import annotations

import numpy as np
import pytest

from training.simulation.fleet import SimulatedDrives, blocks
from training.simulation.wear import GAP_SHARE, DriveDay, day_noise, drive_day, present


@pytest.fixture(scope="module")
def drives() -> SimulatedDrives:
    (block,) = blocks(20_000, 3, 1.0)
    return block


def state(drives: SimulatedDrives, day: int) -> DriveDay:
    return drive_day(drives, day, day_noise(drives, day, 3), np.arange(len(drives)))


def test_every_drive_is_there_on_the_first_day_and_none_after_its_failure(drives: SimulatedDrives) -> None:
    assert present(drives, 0, day_noise(drives, 0, 3)).all()
    for day in (1, 50):
        there = present(drives, day, day_noise(drives, day, 3))
        assert not there[drives.failure_day < day].any()
        stays = drives.leaving_day > drives.failure_day
        assert there[(drives.failure_day == day) & stays].all()
        alive = (drives.failure_day > day) & (drives.leaving_day > day)
        assert 1 - there[alive].mean() == pytest.approx(GAP_SHARE, abs=0.002)


def test_a_drive_that_left_never_fails(drives: SimulatedDrives) -> None:
    left = np.flatnonzero(drives.leaving_day <= drives.failure_day)
    assert left.size
    drive = left[drives.failure_day[left] < 1000][0]
    day = int(drives.failure_day[drive])
    assert not present(drives, day, day_noise(drives, day, 3))[drive]


def test_counters_never_fall(drives: SimulatedDrives) -> None:
    earlier, later = state(drives, 10), state(drives, 11)
    for name in ("reallocated", "reported", "timeouts", "crc", "cycles", "loads", "written", "read"):
        assert (getattr(later, name) >= getattr(earlier, name)).all(), name
    hours = later.hours - earlier.hours
    assert set(np.unique(hours)) <= {23, 24, 25}
    assert hours.mean() == pytest.approx(24, abs=0.05)


def test_errors_grow_before_about_half_of_the_failures(drives: SimulatedDrives) -> None:
    before, end = state(drives, 0), state(drives, 60)
    fails = (drives.failure_day >= 60) & (drives.failure_day < 63)
    grew = (
        (end.reallocated > before.reallocated)
        | (end.reported > before.reported)
        | (end.pending > before.pending)
    )
    assert 0.4 < grew[fails].mean() < 0.6
    healthy = drives.failure_day > 400
    assert grew[healthy].mean() < 0.02


def test_values_stay_in_bounds(drives: SimulatedDrives) -> None:
    for day in (0, 5000):
        now = state(drives, day)
        assert now.reallocated.max() <= 65_528
        assert now.temperature.min() >= 15
        assert now.temperature.max() <= 60
        for name in (
            "hours",
            "reallocated",
            "reported",
            "pending",
            "uncorrectable",
            "timeouts",
            "crc",
            "written",
        ):
            assert getattr(now, name).min() >= 0, name
