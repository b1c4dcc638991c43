from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.model.missing import MissingAttributes


@given(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), max_size=9))
def test_rows_and_counts_tell_the_same(rows: list[list[bool]]) -> None:
    values = np.where(np.array(rows, dtype=bool).reshape(len(rows), 3), math.nan, 1.0)
    # The column in the middle is not asked about.
    found = MissingAttributes.of_rows(values, {5: 0, 197: 2})
    lacking = [found.of_code(code) for code in found.codes.tolist()]
    assert lacking == [[5] * row[0] + [197] * row[2] for row in rows]
    for attribute in (5, 197):
        assert found.counts.get(attribute, 0) == sum(attribute in row for row in lacking)
    assert all(found.counts.values())
