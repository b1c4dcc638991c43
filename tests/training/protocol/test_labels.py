from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.real_data import MIXED_FLEET_2013, ST4000DM000, needs_real_data
from tests.training.drive_histories import START, history
from training.protocol.labels import label_drive_days
from training.telemetry.data import read_telemetry

H = 30


def labels(frame: pl.DataFrame, serial: str, horizon_days: int = H) -> dict[int, tuple[int, int | None]]:
    """Return day number -> (label, days to failure) of one drive's rows that were kept."""
    rows = label_drive_days(frame, horizon_days).filter(pl.col("serial_number") == serial)
    return {
        (date - START).days: (label, left)
        for date, label, left in rows.select("date", "label", "days_to_failure").rows()
    }


OBSERVED = history("Z", 0, 100)
"""A drive that is there every day: it makes the data run from day 0 to day 100, the last labelable day 70."""


def test_a_failing_drive_is_positive_for_30_days_and_its_failure_day_is_dropped() -> None:
    found = labels(pl.concat([OBSERVED, history("A", 0, 50, fails_on={50})]), "A")
    assert found == {n: (int(n >= 20), 50 - n) for n in range(50)}


def test_periods_are_labelled_apart() -> None:
    early, late = history("A", 0, 40, fails_on={40}), history("A", 1000, 1080)
    found = labels(pl.concat([early, late, history("Z", 0, 80)]), "A")
    in_2020 = {n: (int(n >= 10), 40 - n) for n in range(40)}
    assert found == in_2020 | dict.fromkeys(range(1000, 1051), (0, None))


def test_types_order_and_other_columns_are_kept() -> None:
    frame = pl.concat([OBSERVED, history("A", 0, 50, fails_on={50})]).with_row_index("row")
    labelled = label_drive_days(frame)
    assert labelled["row"].is_sorted()
    assert labelled.columns == [*frame.columns, "period", "label", "days_to_failure"]
    assert labelled.dtypes[-3:] == [pl.Int16, pl.Int8, pl.Int16]
    shuffled = label_drive_days(frame.sample(fraction=1, shuffle=True, seed=1))
    assert shuffled.sort("row").equals(labelled)


def test_too_little_data_gives_no_row_and_no_error() -> None:
    assert label_drive_days(history("A", 0, 29)).is_empty()
    assert label_drive_days(history("A", 0, 30)).height == 1
    assert label_drive_days(history("A", 0, 0).clear()).is_empty()


def test_a_horizon_below_a_day_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\b1 day\b.*\b0\b"):
        label_drive_days(OBSERVED, 0)


DRIVE_LIFE = st.tuples(
    st.integers(0, 12),
    st.integers(0, 12),
    st.sets(st.integers(0, 24), max_size=2),
    st.sets(st.integers(0, 24), max_size=6),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(DRIVE_LIFE, min_size=1, max_size=5), st.integers(1, 6))
def test_it_agrees_with_the_rules_read_one_by_one(
    lives: list[tuple[int, int, set[int], set[int]]], horizon: int
) -> None:
    parts = [
        history(f"D{i}", first, first + length, fails_on=fails, missing=missing)
        for i, (first, length, fails, missing) in enumerate(lives)
    ]
    frame = pl.concat(parts)
    last_day = frame["date"].max()
    expected = []
    for serial, rows in frame.group_by("serial_number", maintain_order=True):
        observed = dict(rows.select("date", "failure").rows())
        failure = max((date for date, failed in observed.items() if failed), default=None)
        for date, failed in observed.items():
            until = date + dt.timedelta(days=horizon)
            if failed or (failure and date > failure) or until > last_day:
                continue
            left = (failure - date).days if failure else None
            if failure and failure <= until:
                expected.append((serial[0], date, 1, left))
            elif any(other >= until for other in observed):
                expected.append((serial[0], date, 0, left))
    found = (
        label_drive_days(frame, horizon).select("serial_number", "date", "label", "days_to_failure").rows()
    )
    assert sorted(found) == sorted(expected)


@needs_real_data
@pytest.mark.slow
def test_st4000dm000_of_2018() -> None:
    labelled = label_drive_days(read_telemetry([ST4000DM000], [], progress=False))
    positive = labelled.filter(pl.col("label") == 1)
    # 310 drives fail, 4 of them on the first day of the data, with nothing before it.
    assert positive["serial_number"].n_unique() == 306
    assert (labelled.height, positive.height) == (4_490_585, 7_264)
    assert labelled["date"].max() == dt.date(2018, 5, 31)
    assert positive["days_to_failure"].is_between(1, H).all()
    healthy = labelled.filter(pl.col("label") == 0, pl.col("days_to_failure").is_not_null())
    assert (healthy["days_to_failure"] > H).all()


@needs_real_data
@pytest.mark.slow
def test_the_drives_of_2013_that_have_rows_after_a_failure() -> None:
    frame = read_telemetry([MIXED_FLEET_2013], [], progress=False)
    failures = (
        frame.filter(pl.col("failure") == 1)
        .group_by("serial_number")
        .agg(pl.col("date").min().alias("first"), pl.col("date").max().alias("last"))
    )
    after = frame.join(failures, on="serial_number").filter(pl.col("date") > pl.col("first"))
    assert after["serial_number"].n_unique() == 8
    labelled = label_drive_days(frame).join(failures, on="serial_number")
    assert (labelled["date"] < labelled["last"]).all()
    # S1F013DY was reported on 2013-05-06 and, after ten weeks back in service, on 2013-07-18.
    drive = labelled.filter(pl.col("serial_number") == "S1F013DY")
    assert drive.filter(pl.col("date") == dt.date(2013, 5, 5)).select("label", "days_to_failure").row(0) == (
        0,
        74,
    )
    assert drive.filter(pl.col("label") == 1)["date"].min() == dt.date(2013, 6, 18)
    # S1F03GHA was reported on 2013-06-05 and reported healthy for 75 days more: those days are dropped.
    assert labelled.filter(pl.col("serial_number") == "S1F03GHA")["date"].max() == dt.date(2013, 6, 4)
