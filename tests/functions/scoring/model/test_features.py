import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.model.features import (
    WINDOWS,
    Feature,
    FeaturePlan,
    HistoryWindow,
    Transform,
    age_among,
)

PLAN = FeaturePlan(
    [
        Feature(name="change", attribute=187, kind="change", window=28),
        Feature(name="value", attribute=5, kind="value"),
        Feature(name="log", attribute=187, kind="change", window=7, transform="log1p"),
    ]
)
NOW = np.array([[8.0, 24.0], [np.nan, 16777217.0]])


def test_what_a_plan_needs() -> None:
    assert PLAN.attributes == (5, 187)
    assert [window.days for window in PLAN.windows] == [7, 28]


def test_columns_in_the_order_of_the_features() -> None:
    week = np.array([[8.0, 26.0], [1.0, 16777216.0]])
    month = np.array([[0.0, 4.0], [0.0, np.nan]])
    matrix = PLAN.matrix(NOW, {7: week, 28: month})
    assert matrix.dtype == np.float32
    np.testing.assert_allclose(
        matrix, [[20, 8, -np.log(3)], [np.nan, np.nan, np.log(2)]], rtol=1e-7, equal_nan=True
    )


def test_differences_are_taken_before_the_cast() -> None:
    earlier = np.array([[0.0, 0.0], [0.0, 16777216.0]])
    assert PLAN.matrix(NOW, {28: earlier})[1, 0] == 1.0
    assert np.float32(16777217) - np.float32(16777216) == 0.0  # what the order guards against


def test_a_window_left_out_is_no_snapshot() -> None:
    matrix = PLAN.matrix(NOW, {})
    assert np.isnan(matrix[:, [0, 2]]).all()
    assert matrix[0, 1] == 8


def test_no_rows() -> None:
    assert PLAN.matrix(np.zeros((0, 2)), {}).shape == (0, 3)


def test_an_unknown_window_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\[14\].*\[7, 28\]"):
        FeaturePlan([Feature(name="x", attribute=5, kind="change", window=14)])


def test_ages_of_a_window_best_first_and_of_two_equal_the_younger() -> None:
    assert HistoryWindow(7, 5, 10).ages() == [7, 6, 8, 5, 9, 10]
    assert [window.ages()[0] for window in WINDOWS] == [7, 28]
    assert sorted(WINDOWS[1].ages()) == list(range(21, 36))


def plan(*transforms: Transform) -> FeaturePlan:
    kinds = [(days, attribute) for days in (28, 0, 7) for attribute in (187, 5)]
    return FeaturePlan(
        [
            Feature(
                f"{a}_{days}", a, "change" if days else "value", days, transforms[index % len(transforms)]
            )
            for index, (days, a) in enumerate(kinds)
        ]
    )


PLANS = [plan("identity"), plan("log1p"), plan("identity", "log1p")]
VALUES = st.lists(
    st.one_of(st.just(np.nan), st.integers(0, 2**48).map(float), st.floats(0, 2**48)), min_size=2, max_size=2
)


@given(st.sampled_from(PLANS), VALUES, st.none() | VALUES, st.none() | VALUES)
def test_a_lone_row_is_the_row_of_a_batch(
    plan: FeaturePlan, now: list[float], week: list[float] | None, month: list[float] | None
) -> None:
    earlier = {days: np.array([values]) for days, values in ((7, week), (28, month)) if values is not None}
    alone = plan.matrix(np.array([now]), earlier)
    batch = plan.matrix(
        np.array([now, now]), {days: np.repeat(row, 2, axis=0) for days, row in earlier.items()}
    )
    assert alone.dtype == np.float32
    assert alone.shape == (1, 6)
    assert alone.tobytes() == batch[:1].tobytes()


def test_the_first_age_that_is_known() -> None:
    assert age_among([7, 6, 8], {8: "", 6: ""}) == 6
    assert age_among([7, 6, 8], {5: ""}) is None
