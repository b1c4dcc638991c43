from __future__ import annotations

import numpy as np

from tests.training.made_fleet import random_matrix
from training.fitting.feature_sets import SNAPSHOT
from training.versions.golden import histograms


def test_a_row_that_stands_for_many_counts_as_many_in_the_histograms() -> None:
    distinct = random_matrix(SNAPSHOT, rows=50)
    rows = np.random.default_rng(3).integers(1, 9, 50)
    every = np.repeat(distinct, rows, axis=0)
    assert histograms(SNAPSHOT, distinct, rows) == histograms(SNAPSHOT, every, np.ones(len(every), np.int64))
    first = histograms(SNAPSHOT, distinct, rows)["smart_5"]
    assert sum(first.counts) + first.missing == rows.sum()
