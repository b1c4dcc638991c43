from __future__ import annotations

import hashlib

import numpy as np
import polars as pl

from tests.training.drive_histories import day
from training.protocol.stable_hash import drive_day_hash, serial_hash, unit_interval


def test_a_serial_is_hashed_by_sha256_wherever_it_stands() -> None:
    expected = int.from_bytes(hashlib.sha256(b"held-out\x007\x00Z305B2QN").digest()[:8], "big")
    assert serial_hash(pl.Series(["A", "Z305B2QN", "A"]), 7, "held-out")[1] == expected
    assert serial_hash(pl.Series(["Z305B2QN"]), 7, "held-out")[0] == expected
    assert serial_hash(pl.Series(["Z305B2QN"]), 8, "held-out")[0] != expected
    assert serial_hash(pl.Series(["Z305B2QN"]), 7, "fold")[0] != expected


def test_a_drive_day_keeps_its_hash_in_any_order() -> None:
    serials, dates = pl.Series(["A", "B", "A"]), pl.Series([day(0), day(0), day(1)])
    forward = drive_day_hash(serials, dates, 1, "negatives")
    assert len(set(forward.tolist())) == 3
    assert (
        drive_day_hash(serials.reverse(), dates.reverse(), 1, "negatives").tolist() == forward[::-1].tolist()
    )


def test_the_numbers_are_uniform() -> None:
    drives, days = [f"S{n}" for n in range(300)], [day(n) for n in range(100)]
    grid = pl.DataFrame({"s": drives}).join(pl.DataFrame({"d": days}), how="cross")
    numbers = unit_interval(drive_day_hash(grid["s"], grid["d"], 3, "negatives")).reshape(300, 100)
    assert numbers.min() >= 0
    assert numbers.max() < 1
    counts = np.histogram(numbers, bins=20, range=(0, 1))[0]
    assert ((counts - 1500) ** 2 / 1500).sum() < 45  # chi squared, 19 degrees of freedom: p = 0.0007
    assert abs(np.corrcoef(numbers[:, 0], numbers[:, 1])[0, 1]) < 0.2
