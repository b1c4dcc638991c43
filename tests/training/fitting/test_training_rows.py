from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from tests.training.made_fleet import START, labelled, telemetry
from training.fitting.masking import hide_some
from training.fitting.observations import Observed
from training.fitting.training_rows import Draws, drawer, nearness


def test_every_positive_row_is_kept_and_negatives_stand_for_all() -> None:
    frame, values = labelled(telemetry(120, 120))
    rows = drawer(frame, values)(3)
    assert rows.label.sum() == frame["label"].sum()
    negatives = rows.weight[rows.label == 0]
    expected = frame.filter(pl.col("label") == 0).height
    assert len(negatives) < 0.2 * expected
    assert negatives.sum() == pytest.approx(expected, rel=0.2)


def test_a_seed_draws_the_same_rows_whatever_their_order_and_another_draws_others() -> None:
    frame, values = labelled(telemetry(120, 120))
    first, again = drawer(frame, values)(3), drawer(frame.reverse(), values)(3)
    np.testing.assert_array_equal(first.weight, again.weight)
    np.testing.assert_array_equal(first.observed.now, again.observed.now)
    assert drawer(frame, values)(4).serials.to_list() != first.serials.to_list()


def test_the_weight_of_positive_rows_falls_with_the_days_to_the_failure_and_averages_one() -> None:
    weights = nearness(np.arange(1, 31), 30)
    assert (np.diff(weights) < 0).all()
    assert weights.mean() == pytest.approx(1.0)


def test_hiding_takes_about_the_shares_it_says_and_leaves_its_input_alone() -> None:
    rows = 20_000
    values = np.ones((rows, 2))
    seen = Observed((5, 188), values, {7: values.copy(), 28: values.copy()})
    serials = pl.Series([f"D{number}" for number in range(rows)])
    dates = pl.Series(["2020-01-01"] * rows).str.to_date()
    hidden = hide_some(seen, serials, dates, 0)
    share = {
        "5 now": np.isnan(hidden.now[:, 0]).mean(),
        "188 now": np.isnan(hidden.now[:, 1]).mean(),
        "5 a week ago": np.isnan(hidden.earlier[7][:, 0]).mean(),
        "5 four weeks ago": np.isnan(hidden.earlier[28][:, 0]).mean(),
    }
    expected = {"5 now": 0.03, "188 now": 0.127, "5 a week ago": 0.1755, "5 four weeks ago": 0.2725}
    assert share == pytest.approx(expected, abs=0.012)
    assert not np.isnan(values).any()


def test_another_fleets_rows_are_drawn_beside_with_their_weight() -> None:
    frame, values = labelled(telemetry(60, 120))
    other, other_values = labelled(telemetry(30, 120, seed=5))
    alone, extra = drawer(frame, values), drawer(other, other_values)
    both = Draws(alone, ((extra, 0.1),)).pooled(3)
    first, second = alone(3), extra(3)
    np.testing.assert_array_equal(both.label, np.concatenate([first.label, second.label]))
    np.testing.assert_allclose(both.weight, np.concatenate([first.weight, 0.1 * second.weight]))
    np.testing.assert_array_equal(both.observed.now[len(first.label) :], second.observed.now)
    assert both.fleet.tolist() == [0] * len(first.label) + [1] * len(second.label)
    np.testing.assert_array_equal(Draws(alone).pooled(3).observed.now, first.observed.now)


def test_some_rows_of_a_draw_are_the_draw_of_some_drives_and_days() -> None:
    frame, values = labelled(telemetry(60, 120))
    last = START + dt.timedelta(days=50)
    drawn = drawer(frame, values)(3)
    kept = (drawn.dates < last) & drawn.serials.str.ends_with("4")
    few = frame.filter(pl.col("date") < last, pl.col("serial_number").str.ends_with("4"))
    selected, again = drawn.select(kept.to_numpy()), drawer(few, values)(3)
    assert selected.serials.to_list() == again.serials.to_list()
    np.testing.assert_array_equal(selected.observed.now, again.observed.now)
    np.testing.assert_array_equal(selected.observed.earlier[28], again.observed.earlier[28])
    np.testing.assert_array_equal(selected.weight, again.weight)
