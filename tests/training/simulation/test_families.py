from __future__ import annotations

import numpy as np
import pytest

from training.simulation.drive_models import DRIVE_MODELS
from training.simulation.families import FAMILIES, seagate
from training.simulation.fleet import blocks
from training.simulation.wear import DriveDay, day_noise, drive_day


@pytest.fixture(scope="module")
def state() -> DriveDay:
    (drives,) = blocks(20_000, 1, 2.0)
    return drive_day(drives, 40, day_noise(drives, 40, 1), np.arange(len(drives)))


@pytest.mark.parametrize("family", FAMILIES)
def test_values_are_what_smart_can_hold(state: DriveDay, family: str) -> None:
    values = FAMILIES[family](state)
    reported = set.union(*(set(model.attributes) for model in DRIVE_MODELS if model.family == family))
    assert reported <= values.keys()
    for attribute, (normalized, raw) in values.items():
        low, high = np.min(normalized), np.max(normalized)
        assert 1 <= low <= high <= 255, attribute
        assert 0 <= np.min(raw) <= np.max(raw) < 2**48, attribute


def test_seagate_packs_what_seagate_packs(state: DriveDay) -> None:
    values = seagate(state)
    timeouts = np.asarray(values[188][1])
    np.testing.assert_array_equal(timeouts & 0xFFFF, state.timeouts)
    assert (timeouts >= 2**32).any()
    seeks = np.asarray(values[7][1])
    assert 0.05 < (seeks >> 32 > 0).mean() < 0.2
    np.testing.assert_array_equal(values[1][1], values[195][1])
