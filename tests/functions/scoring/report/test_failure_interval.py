from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.report.failure_interval import failure_interval
from functions.scoring.report.fleet_day import UNITS, DriveCounts
from tests.support.scores import drive_counts


def counts_of(probabilities: list[float]) -> DriveCounts:
    exact = np.array(probabilities, dtype=np.float64)
    drives = len(probabilities)
    return DriveCounts(
        [drives, 0, 0, 0, 0],
        [drives, 0, 0],
        drives,
        int(np.round(exact * UNITS).sum()),
        int(np.round(exact * (1 - exact) * UNITS).sum()),
    )


def exact_interval(probabilities: list[float]) -> tuple[int, int]:
    """Return the central interval of the Poisson-binomial distribution itself, by convolution."""
    shares = np.ones(1)
    for one in probabilities:
        shares = np.convolve(shares, [1 - one, one])
    below = list(itertools.accumulate(shares))
    above = list(itertools.accumulate(shares[::-1]))[::-1]
    low = next(count for count, share in enumerate(below) if share > 0.025)
    high = next(count for count in range(len(above) - 1, -1, -1) if above[count] > 0.025)
    return low, high


FLEETS = {
    "healthy": [0.001] * 2_000,
    "a few at risk": [0.001] * 2_000 + [0.4] * 5 + [0.9] * 2,
    "a month of a large fleet": [0.0015] * 3_000 + [0.05] * 60 + [0.5] * 20,
    "nearly certain": [0.97] * 40,
    "three": [0.1, 0.5, 0.9],
}


@pytest.mark.parametrize("name", FLEETS)
def test_it_is_the_exact_interval_or_one_off(name: str) -> None:
    found, exact = failure_interval(counts_of(FLEETS[name])), exact_interval(FLEETS[name])
    assert abs(found[0] - exact[0]) <= 1
    assert abs(found[1] - exact[1]) <= 1


@pytest.mark.parametrize(("drives", "chance"), [(1, 0.5), (40, 0.1), (1_000, 0.002)])
def test_it_is_exact_for_equal_probabilities(drives: int, chance: float) -> None:
    assert failure_interval(counts_of([chance] * drives)) == exact_interval([chance] * drives)


def test_certainty() -> None:
    assert failure_interval(counts_of([])) == (0, 0)
    assert failure_interval(counts_of([0.0] * 9)) == (0, 0)
    assert failure_interval(counts_of([1.0] * 9 + [0.0])) == (9, 9)


def test_two_million_drives() -> None:
    low, high = failure_interval(drive_counts(2_000_000, 5_000, 4_950))
    # The normal distribution is as good as exact here.
    assert low == pytest.approx(5_000 - 1.96 * 4_950**0.5, abs=2)
    assert high == pytest.approx(5_000 + 1.96 * 4_950**0.5, abs=2)


@given(st.lists(st.floats(0, 1, width=32), max_size=60))
def test_any_probabilities(probabilities: list[float]) -> None:
    low, high = failure_interval(counts_of(probabilities))
    assert 0 <= low <= sum(probabilities) + 1
    assert sum(probabilities) - 1 <= high <= len(probabilities)
    assert low <= high
