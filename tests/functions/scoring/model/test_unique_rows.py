"""Equal rows are scored once, and nothing changes by that."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from functions.scoring.model import unique_rows as module
from functions.scoring.model.unique_rows import unique_rows

VALUES = st.sampled_from([0.0, -0.0, 1.0, 2.0, 1e30, np.inf, -np.inf, np.nan])


@given(arrays.arrays(np.float32, st.tuples(st.integers(0, 40), st.integers(1, 4)), elements=VALUES))
def test_the_kinds_make_up_the_matrix(matrix: NDArray[np.float32]) -> None:
    found = unique_rows(matrix)
    assert found is not None
    first, kind = found
    assert matrix[first][kind].tobytes() == matrix.tobytes()
    assert len({row.tobytes() for row in matrix}) == len(first)


def test_rows_that_share_a_hash_are_not_taken_for_equal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MULTIPLIER", np.uint64(0))
    assert unique_rows(np.array([[1.0], [2.0]], dtype=np.float32)) is None
    assert unique_rows(np.array([[1.0], [1.0]], dtype=np.float32)) is not None
