from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.training.drive_histories import day, fleet, history
from training.backtesting.outcomes import Outcomes
from training.errors import TelemetrySourceError
from training.protocol.labels import label_drive_days

HORIZON = 10


def labelled_whole(telemetry: pl.DataFrame, first: int, last: int) -> pl.DataFrame:
    return (
        label_drive_days(telemetry, HORIZON)
        .filter(pl.col("date").is_between(day(first), day(last)))
        .select("date", "serial_number", "label", "days_to_failure")
    )


def kept(parts: list[pl.DataFrame], first: int, last: int) -> pl.DataFrame:
    outcomes = Outcomes(day(first), day(last))
    for part in parts:
        outcomes.add(part)
    return outcomes.label(HORIZON)


def by_serial(labelled: pl.DataFrame) -> pl.DataFrame:
    """Drop the models of drives whose serial numbers say enough."""
    assert (labelled["drive"] == labelled["serial_number"]).all()
    return labelled.drop("model", "drive")


STORIES = [
    fleet(20, 90, failing=12),
    # gone without failing, back from the dead, a gap of telemetry, failing just past the horizon
    history("A", 0, 35),
    history("B", 0, 80, fails_on=[30, 60]),
    history("C", 0, 89, missing=range(33, 60)),
    history("D", 0, 41, fails_on=[41]),
    # a later period of the same drives
    history("A", 150, 200),
    history("C", 150, 190, fails_on=[190]),
]


def test_labels_are_those_of_the_whole_telemetry_labelled_at_once() -> None:
    found = by_serial(kept(STORIES, 25, 45))
    expected = labelled_whole(pl.concat(STORIES), 25, 45)
    by = ["serial_number", "date"]
    assert_frame_equal(found.sort(by), expected.sort(by))
    assert found["label"].sum() > 0


@settings(max_examples=25, deadline=None)
@given(order=st.permutations(range(len(STORIES))), first=st.integers(0, 60), length=st.integers(1, 20))
def test_whatever_the_order_of_the_files_and_the_period(order: list[int], first: int, length: int) -> None:
    found = by_serial(kept([STORIES[number] for number in order], first, first + length))
    by = ["serial_number", "date"]
    assert_frame_equal(found.sort(by), labelled_whole(pl.concat(STORIES), first, first + length).sort(by))


def test_drives_of_one_serial_number_have_outcomes_of_their_own() -> None:
    fails, stays = history("A", 0, 30, fails_on=[30]), history("A", 0, 80)
    other = stays.with_columns(pl.lit("WDC WD60EFRX").alias("model"))
    found = kept([fails, other, fleet(5, 81)], 15, 29).filter(pl.col("serial_number") == "A")
    labels = found.group_by("model").agg(pl.col("label").sum(), pl.len(), pl.col("drive").n_unique())
    assert dict(labels.select("model", "label").iter_rows()) == {"ST4000DM000": 10, "WDC WD60EFRX": 0}
    assert found["drive"].n_unique() == 2


def test_of_the_days_after_the_period_little_is_kept() -> None:
    outcomes = Outcomes(day(0), day(4))
    for start in range(0, 90, 10):
        outcomes.add(fleet(50, 10, first=start))
    assert outcomes._last_rows.height <= 50 * 4
    assert outcomes._failures == [] or sum(map(len, outcomes._failures)) == 0


def test_a_period_whose_future_is_unknown_is_refused() -> None:
    with pytest.raises(TelemetrySourceError, match=r"\b2020-01-21\b.*\b10 days\b"):
        kept([fleet(5, 21)], 15, 20)
