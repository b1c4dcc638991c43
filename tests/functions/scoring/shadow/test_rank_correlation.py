"""The rank correlation from counts, against scipy's on the values themselves."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import spearmanr

from functions.scoring.shadow.rank_correlation import BINS, BINS_A_UNIT, LOWEST, bins_of, rank_correlation

TOLERANCE = 0.02
"""How far from the exact values' correlation the module says it may be."""


def pairs(first: NDArray[np.float32], second: NDArray[np.float32]) -> dict[int, int]:
    return dict(Counter((bins_of(first) * BINS + bins_of(second)).tolist()))


def test_bins_have_exact_edges_and_open_ends() -> None:
    edges = (LOWEST + np.arange(1, BINS) / BINS_A_UNIT).astype(np.float32)
    assert bins_of(edges).tolist() == list(range(1, BINS))
    assert bins_of(np.nextafter(edges, np.float32(-100))).tolist() == list(range(BINS - 1))
    assert bins_of(np.array([-1e30, -12.5, 4, 1e30], dtype=np.float32)).tolist() == [0, 0, BINS - 1, BINS - 1]


@given(rows=st.lists(st.tuples(st.integers(0, BINS - 1), st.integers(0, BINS - 1)), min_size=2, max_size=60))
def test_it_is_scipys_on_the_bins(rows: list[tuple[int, int]]) -> None:
    first, second = np.array(rows).T
    found = rank_correlation(Counter(one * BINS + other for one, other in rows))
    if len(np.unique(first)) == 1 or len(np.unique(second)) == 1:
        assert found is None
    else:
        assert found == pytest.approx(spearmanr(first, second).statistic, abs=1e-12)


@pytest.mark.parametrize("likeness", [-0.9, 0.0, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("spread", [0.5, 1.5, 3.0])
def test_it_is_near_that_of_the_exact_values(likeness: float, spread: float) -> None:
    """Normal log-odds around a base rate; half of the drives have the very same, as healthy ones do."""
    random = np.random.default_rng(5)
    one, noise = random.normal(size=(2, 20_000))
    other = likeness * one + np.sqrt(1 - likeness**2) * noise
    healthy = random.random(20_000) < 0.5
    first, second = (
        np.where(healthy, -2 * spread, spread * values).astype(np.float32) - np.float32(5)
        for values in (one, other)
    )
    exact = spearmanr(first, second).statistic
    assert rank_correlation(pairs(first, second)) == pytest.approx(exact, abs=TOLERANCE)


def test_what_there_is_no_correlation_of() -> None:
    assert rank_correlation({}) is None
    assert rank_correlation({5 * BINS + 5: 1}) is None
    flat = np.full(10, -5, dtype=np.float32)
    assert rank_correlation(pairs(flat, np.linspace(-8, 0, 10, dtype=np.float32))) is None


def test_the_largest_counts_stay_exact() -> None:
    count = 10**9
    assert rank_correlation({0: count, BINS + 1: count}) == 1.0
    assert rank_correlation({1: count, BINS: count}) == -1.0
    assert rank_correlation(dict.fromkeys((0, 1, BINS, BINS + 1), count)) == 0.0
