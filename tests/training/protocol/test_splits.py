from __future__ import annotations

import datetime as dt
import itertools

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.real_data import MIXED_FLEET_2013, ST4000DM000, needs_real_data
from tests.training.drive_histories import day, fleet
from training.errors import SplitError
from training.protocol.labels import label_drive_days
from training.protocol.splits import Days, PeriodSplit, assign_splits, held_out, plan_splits, seen_in_training
from training.telemetry.data import read_telemetry


def assert_no_leak(split: pl.DataFrame, horizon: int) -> None:
    """No label window reaches a later part; no held-out drive before the test."""
    used = split.filter(pl.col("split") != "unused")
    # The Enum sorts as the parts follow each other: train, validation, test.
    ends = used.group_by("period", "split").agg(first=pl.col("date").min(), last=pl.col("date").max())
    for earlier, later in itertools.pairwise(ends.sort("period", "split").rows(named=True)):
        if earlier["period"] == later["period"]:
            assert earlier["last"] + dt.timedelta(days=horizon) < later["first"]
    before_test = split.filter(pl.col("split").is_in(["train", "validation"]))
    assert not before_test["held_out"].any()


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 7),
    st.lists(st.integers(25, 60), min_size=1, max_size=3),
    st.integers(0, 99),
    st.sampled_from([(0.5, 0.2, 0.3), (0.8, 0.1, 0.1), (0.05, 0.05, 0.9)]),
)
def test_no_split_leaks(
    horizon: int, lengths: list[int], seed: int, fractions: tuple[float, float, float]
) -> None:
    parts, first = [], 0
    for length in lengths:
        parts.append(fleet(8, length, failing=2, first=first))
        first += length + 40
    labelled = label_drive_days(pl.concat(parts), horizon)
    split = assign_splits(
        labelled,
        plan_splits(labelled, horizon, fractions),
        seed=seed,
        horizon_days=horizon,
        held_out_fraction=0.4,
    )
    assert split.drop("split", "held_out").equals(labelled)
    assert_no_leak(split, horizon)
    last = split.filter(pl.col("period") == split["period"].max())
    assert set(last["split"].unique()) >= {"test"}


def test_the_default_layout_of_half_a_year() -> None:
    labelled = label_drive_days(fleet(20, 180))
    assert plan_splits(labelled) == [
        PeriodSplit(0, Days(day(0), day(44)), Days(day(75), day(92)), Days(day(123), day(149)))
    ]
    assert labelled["date"].max() == day(149)


def test_every_labelable_day_is_train_embargo_validation_embargo_or_test() -> None:
    split = assign_splits(label_drive_days(fleet(3, 180)), seed=0, held_out_fraction=0)
    days = dict(split.group_by("split").agg(pl.col("date").n_unique()).rows())
    assert days == {"train": 45, "validation": 18, "test": 27, "unused": 60}


def test_held_out_drives_appear_in_test_only_and_are_chosen_by_seed() -> None:
    split = assign_splits(label_drive_days(fleet(400, 100)), seed=5)
    share = split.group_by("serial_number").agg(pl.col("held_out").first())["held_out"].mean()
    assert isinstance(share, float)
    assert 0.1 < share < 0.2
    mine = split.filter(pl.col("held_out"))
    assert set(mine["split"].unique()) == {"unused", "test"}
    serials = pl.Series([f"D{n:04}" for n in range(400)])
    assert held_out(serials, 5).to_list() == held_out(serials.reverse(), 5).reverse().to_list()
    assert held_out(serials, 5).to_list() != held_out(serials, 6).to_list()


def test_explicit_dates_are_used_and_checked() -> None:
    labelled = label_drive_days(fleet(4, 200))
    plan = [PeriodSplit(0, Days(day(0), day(50)), None, Days(day(81), day(120)))]
    split = assign_splits(labelled, plan, seed=0, held_out_fraction=0)
    assert dict(split.group_by("split").agg(pl.col("date").max()).rows())["test"] == day(120)
    with pytest.raises(SplitError, match=r"^test .*\b2020-03-21\b.*\btrain .*\b2020-03-21\b"):
        assign_splits(
            labelled, [PeriodSplit(0, Days(day(0), day(50)), None, Days(day(80), day(120)))], seed=0
        )
    with pytest.raises(SplitError, match=f"{day(0)}.*{day(50)}"):
        assign_splits(labelled, [PeriodSplit(0, Days(day(50), day(0)))], seed=0)


def test_a_short_earlier_period_is_for_training_and_a_short_last_one_is_refused() -> None:
    short, long = fleet(3, 50), fleet(3, 180, first=200)
    plan = plan_splits(label_drive_days(pl.concat([short, long])))
    assert plan[0] == PeriodSplit(0, Days(day(0), day(19)))
    assert plan[1].test is not None
    with pytest.raises(SplitError, match=r"\b20 \w+ days\b.*\b63\b"):
        plan_splits(label_drive_days(short))
    with pytest.raises(SplitError):
        plan_splits(label_drive_days(fleet(3, 5)))
    with pytest.raises(ValueError, match=r"\(0\.5, 0\.5, 0\.5\)"):
        plan_splits(label_drive_days(long), fractions=(0.5, 0.5, 0.5))


def test_drives_and_models_seen_in_training() -> None:
    frame = pl.concat([fleet(3, 180), fleet(5, 20, first=160).with_columns(pl.lit("NEW").alias("model"))])
    frame = frame.unique(["serial_number", "date"], keep="first", maintain_order=True)
    split = seen_in_training(assign_splits(label_drive_days(frame), seed=0, held_out_fraction=0))
    assert split["drive_seen"].all()
    young = pl.concat([fleet(3, 180), fleet(5, 60, first=120).filter(pl.col("serial_number") > "D0002")])
    young = young.with_columns(
        pl.when(pl.col("serial_number") > "D0002").then(pl.lit("NEW")).otherwise("model").alias("model")
    )
    split = seen_in_training(assign_splits(label_drive_days(young), seed=0, held_out_fraction=0))
    test = split.filter(pl.col("split") == "test")
    seen = {
        serial: (drive, model)
        for serial, drive, model in test.select("serial_number", "drive_seen", "model_seen").rows()
    }
    assert seen == {f"D{n:04}": (n < 3, n < 3) for n in range(5)}


@needs_real_data
@pytest.mark.slow
def test_two_real_periods_split_without_leak() -> None:
    frame = read_telemetry([MIXED_FLEET_2013, ST4000DM000], [], progress=False)
    some = frame.filter(pl.col("serial_number").str.slice(-1).is_in(list("0123456789")))
    split = assign_splits(label_drive_days(some), seed=0)
    assert_no_leak(split, 30)
    failing = (
        split.filter(pl.col("label") == 1).group_by("period", "split").agg(pl.col("serial_number").n_unique())
    )
    counts = {(period, name): drives for period, name, drives in failing.rows()}
    assert counts.keys() >= {(period, part) for period in (0, 1) for part in ("train", "validation", "test")}
    assert min(counts[period, part] for period in (0, 1) for part in ("train", "test")) > 20
