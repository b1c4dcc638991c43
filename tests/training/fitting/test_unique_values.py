from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from training.fitting.feature_sets import WITH_CHANGES
from training.fitting.observations import Observed, stack
from training.fitting.unique_values import distinct, merge

ATTRIBUTES = (5, 187, 188, 197)
COUNTS = st.sampled_from([0.0, 1.0, 2.0**47 + 1, np.nan])


def values(rows: int) -> st.SearchStrategy[np.ndarray]:
    return hnp.arrays(np.float64, (rows, len(ATTRIBUTES)), elements=COUNTS)


@st.composite
def observed(draw: st.DrawFn) -> Observed:
    rows = draw(st.integers(0, 30))
    return Observed(ATTRIBUTES, draw(values(rows)), {7: draw(values(rows)), 28: draw(values(rows))})


def same(first: Observed, second: Observed) -> None:
    np.testing.assert_array_equal(first.now, second.now)
    for days, earlier in first.earlier.items():
        np.testing.assert_array_equal(earlier, second.earlier[days])


@given(observed())
def test_every_row_gets_its_values_back_and_no_combination_is_held_twice(seen: Observed) -> None:
    held, rows = distinct(seen)
    same(held.observe(rows), seen)
    flat = np.nan_to_num(np.hstack([seen.now, seen.earlier[7], seen.earlier[28]]), nan=-1.0)
    assert len(held) == len(np.unique(flat, axis=0)) if len(flat) else len(held) == 0


@given(st.lists(observed(), min_size=1, max_size=4))
def test_parts_of_a_fleet_share_one_table(parts: list[Observed]) -> None:
    held, rows = merge([distinct(part) for part in parts])
    for part, of_part in zip(parts, rows, strict=True):
        same(held.observe(of_part), part)
    assert len(held) == len(distinct(stack(parts))[0])


@given(observed())
def test_scoring_each_combination_once_scores_every_row(seen: Observed) -> None:
    held, rows = distinct(seen)
    matrix, counts, index = held.select(rows, WITH_CHANGES)
    np.testing.assert_array_equal(matrix[index], seen.matrix(WITH_CHANGES))
    assert counts.sum() == len(rows)
    assert (counts > 0).all()


def test_without_history_only_the_day_itself_is_left() -> None:
    seen = Observed(ATTRIBUTES, np.ones((3, 4)), {7: np.zeros((3, 4)), 28: np.zeros((3, 4))})
    held, rows = distinct(seen)
    matrix, _, index = held.without_history().select(rows, WITH_CHANGES)
    np.testing.assert_array_equal(matrix[index], seen.without_history().matrix(WITH_CHANGES))


def test_a_stand_in_gives_its_value_where_an_attribute_is_missing_now_and_earlier() -> None:
    nan = np.nan
    now = np.array([[nan, 5.0], [3.0, 5.0], [nan, nan]])
    earlier = {7: np.array([[nan, 2.0], [nan, 4.0], [1.0, nan]])}
    values, rows = distinct(Observed((197, 198), now, earlier))
    filled = values.standing_in({197: 198}).observe(rows)
    np.testing.assert_array_equal(filled.now, [[5.0, 5.0], [3.0, 5.0], [nan, nan]])
    np.testing.assert_array_equal(filled.earlier[7], [[2.0, 2.0], [4.0, 4.0], [1.0, nan]])
    np.testing.assert_array_equal(values.observe(rows).now, now)
    assert values.worn([197]).tolist() == [False, True, False]
    assert values.standing_in({197: 198}).worn([197]).tolist() == [True, True, False]
