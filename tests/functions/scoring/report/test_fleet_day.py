from __future__ import annotations

import copy
import itertools

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.csv.parser import Rows
from functions.scoring.report import fleet_day
from functions.scoring.report.fleet_day import (
    BINS,
    EDGES,
    KEPT_DATES,
    UNITS,
    FleetDay,
    days_of_block,
    merged_days,
    reported_day,
)
from tests.support.scores import scores_of

DRIVE = st.tuples(st.floats(0, 1, width=32), st.integers(0, 4), st.integers(0, 5), st.sampled_from("ABCDEFG"))
DRIVES = st.lists(DRIVE, max_size=25)


def days_of(drives: list[tuple[float, int, int, str]], first: int = 2) -> dict[str, FleetDay]:
    count = len(drives)
    rows = Rows(
        np.arange(first, first + count),
        np.array(
            [np.datetime64("2014-01-25") + np.timedelta64(drive[2], "D") for drive in drives],
            dtype="datetime64[D]",
        ),
        pa.array([f"S{line}" for line in range(first, first + count)], type=pa.string()),
        pa.array([drive[3] for drive in drives], type=pa.string()),
        np.zeros((count, 1)),
    )
    # Models of the later letters are similar ones, for which nothing was calibrated.
    similar = [drive[3] > "D" for drive in drives]
    scores = scores_of([drive[0] for drive in drives], [drive[1] for drive in drives], similar=similar)
    return days_of_block(np.unique(rows.dates), rows, pc.dictionary_encode(rows.models), scores, {})


@given(drives=DRIVES, cuts=st.lists(st.integers(0, 25), max_size=4), random=st.randoms(use_true_random=False))
def test_any_cut_in_any_order_with_more_models_than_are_kept(
    drives: list[tuple[float, int, int, str]], cuts: list[int], random: object
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fleet_day, "MOST_MODELS", 3)
        whole = days_of(drives)
        edges = [0, *sorted(min(cut, len(drives)) for cut in cuts), len(drives)]
        parts = [days_of(drives[a:b], 2 + a) for a, b in itertools.pairwise(edges)]
        random.shuffle(parts)  # type: ignore[attr-defined]
        merged: dict[str, FleetDay] = {}
        for part in parts:
            merged = merged_days(merged, copy.deepcopy(part))
        assert merged == whole
        assert list(merged) == sorted({f"2014-01-{25 + drive[2]}" for drive in drives})[-KEPT_DATES:]
        for date, day in whole.items():
            mine = [drive for drive in drives if f"2014-01-{25 + drive[2]}" == date]
            assert list(day.models) == sorted({drive[3] for drive in mine})[:3]
            assert day.whole.drives == len(mine)
            counted = [drive for drive in mine if drive[1] != 4 and drive[3] <= "D"]
            exact = [round(float(np.float32(drive[0])) * UNITS) for drive in counted]
            assert (day.whole.expected, day.whole.counted) == (sum(exact), len(counted))
            unknown = sum(drive[1] == 4 for drive in mine)
            assert day.whole.scope == [len(counted), len(mine) - len(counted) - unknown, unknown]
            assert sum(day.histogram) == sum(drive[1] != 4 for drive in mine)
            for name, counts in day.models.items():
                assert counts.drives == sum(drive[3] == name for drive in mine)
    assert msgspec.json.decode(msgspec.json.encode(whole), type=dict[str, FleetDay]) == whole


def test_the_bins() -> None:
    assert len(EDGES) == BINS - 1
    drives = [(p, 0, 0, "A") for p in (0.0, 0.00009, 0.005, 0.3, 1.0)]
    assert days_of(drives)["2014-01-25"].histogram == [2, 0, 0, 0, 1, 0, 0, 0, 2]


def test_a_few_rows_of_the_future_do_not_stand_for_the_fleet() -> None:
    days = days_of([(0.1, 0, 0, "A")] * 20 + [(0.1, 0, 1, "A")])
    assert reported_day({"2014-01-25": 20, "2014-01-26": 1}, days) == "2014-01-25"
    assert reported_day({"2014-01-25": 20, "2014-01-26": 10}, days) == "2014-01-26"
    # The fullest date is older than what was kept.
    assert reported_day({"2013-01-01": 99, "2014-01-25": 5, "2014-01-26": 3}, days) == "2014-01-25"
    assert reported_day({}, {}) is None
