from __future__ import annotations

from itertools import chain

import numpy as np
import pytest

from training.simulation import fleet
from training.simulation.drive_models import DRIVE_MODELS
from training.simulation.fleet import BLOCK, SimulatedDrives, blocks


def only(drives: int, seed: int = 1, failure_rate: float = 0.014) -> SimulatedDrives:
    (block,) = blocks(drives, seed, failure_rate)
    return block


def test_serial_numbers_never_repeat_and_cannot_be_taken_for_real() -> None:
    serials = list(
        chain.from_iterable(block.serial_number.tolist() for block in blocks(2 * BLOCK + 10, 1, 0.014))
    )
    assert len(set(serials)) == len(serials) == 2 * BLOCK + 10
    assert all(serial.startswith(b"SIM") and len(serial) == 11 for serial in serials)
    assert not set(serials) & set(only(1000, seed=2).serial_number.tolist())


def test_a_larger_fleet_begins_with_the_same_drives() -> None:
    few, many = only(100), only(2000)
    for name in ("model", "serial_number", "hours", "failure_day", "leaving_day", "onset_day"):
        np.testing.assert_array_equal(getattr(few, name), getattr(many, name)[:100])
    np.testing.assert_array_equal(few.traits, many.traits[:, :100])
    assert (only(100, seed=2).hours != few.hours).any()


def test_drives_fail_at_the_rate_asked_for_and_half_of_them_with_a_warning() -> None:
    drives = only(BLOCK, failure_rate=0.5)
    year = drives.failure_day < 365
    # Relative rates differ between models, so slightly fewer than 1 - exp(-0.5) of the drives fail in a year.
    assert 0.33 < year.mean() < 0.40
    assert np.isfinite(drives.onset_day[year]).mean() == pytest.approx(0.5, abs=0.02)
    assert not (only(BLOCK, failure_rate=0.0).failure_day < 10_000).any()


def test_the_annual_rate_is_as_published() -> None:
    drives = only(BLOCK)
    assert (drives.failure_day < 365).mean() == pytest.approx(0.014, abs=0.0016)


def test_drive_models_have_their_share() -> None:
    counts = np.bincount(only(BLOCK).model, minlength=len(DRIVE_MODELS)) / BLOCK
    shares = np.array([model.share for model in DRIVE_MODELS])
    np.testing.assert_allclose(counts, shares / shares.sum(), atol=0.006)


def test_the_block_is_part_of_the_seed() -> None:
    assert fleet.BLOCK == 50_000
