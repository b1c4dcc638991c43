"""Days that fit into memory, and days that do not."""

from __future__ import annotations

import datetime as dt
from functools import partial
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.csv.blocks import line_blocks
from functions.scoring.engine import gathered_blocks, pipeline
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.history import day_cache
from functions.scoring.history.folder_store import FolderSnapshotStore
from functions.scoring.history.join import History
from functions.scoring.history.snapshots import SnapshotWriter, snapshot_rows
from functions.scoring.model.features import WINDOWS
from functions.scoring.model.scorer import Scorer
from tests.functions.scoring.engine.test_merge import same
from tests.functions.scoring.history.test_join import DAY, TODAY, CountingStore, put
from tests.support.drives import WORN, row, score, table
from tests.support.in_ranges import score_in_ranges

WEEK = WINDOWS[:1]
A_DAY = 8 + 8 + 1
"""Bytes of a day with one drive "A" and one attribute: hash, value, serial number."""


@pytest.fixture
def store(tmp_path: Path) -> CountingStore:
    return CountingStore(tmp_path)


def ages(found: History, dates: np.ndarray, *serials: str) -> list[int]:
    found_ages: list[int] = found.join(dates, pa.array(serials))[1][7].tolist()
    return found_ages


def test_days_that_fit_are_read_once(store: CountingStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for age in (7, 6, 5):
        put(store, age, "A")
    monkeypatch.setattr(day_cache, "MOST_BYTES", 3 * A_DAY)
    found = History(store, (5,), WEEK, "own")
    for _ in range(3):
        assert ages(found, TODAY + np.arange(3) * DAY, "A", "A", "A") == [7, 7, 7]
    assert len(store.loads) == 3
    assert not found.prefers_large_blocks


def test_days_beyond_are_read_for_each_block_and_the_others_stay(
    store: CountingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for age in (7, 6, 5):
        put(store, age, "A", "B")
    monkeypatch.setattr(day_cache, "MOST_BYTES", 2 * 2 * A_DAY)
    found = History(store, (5,), WEEK, "own")
    for _ in range(3):
        assert ages(found, TODAY + np.arange(3) * DAY, "A", "B", "C") == [7, 7, 0]
        assert found.prefers_large_blocks
    day = ["2018-02-22/day", "2018-02-23/day", "2018-02-24/day"]
    assert store.loads == [*day, day[2], day[2]]
    # The next block needs less.
    assert ages(found, np.array([TODAY]), "A") == [7]
    assert not found.prefers_large_blocks


def test_a_fleet_larger_than_all_memory_is_held_as_long_as_it_is_the_only_day(
    store: CountingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(day_cache, "MOST_BYTES", 1)
    monkeypatch.setattr(day_cache, "HELD_BYTES", 1)
    put(store, 7, "A", "B")
    put(store, 28, "A", "B")
    found = History(store, (5,), WINDOWS, "own")
    for _ in range(2):
        _, both = found.join(np.array([TODAY]), pa.array(["A"]))
        assert {days: each.tolist() for days, each in both.items()} == {7: [7], 28: [28]}
    assert store.loads == ["2018-02-22/day", "2018-02-01/day", "2018-02-01/day"]


def test_what_no_block_needs_any_more_is_let_go(
    store: CountingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for age in (7, 6, 5):
        put(store, age, "A")
    monkeypatch.setattr(day_cache, "HELD_BYTES", 2 * A_DAY)
    found = History(store, (5,), WEEK, "own")
    for day in (0, 1, 2, 1, 0):
        assert ages(found, np.array([TODAY + day * DAY]), "A") == [7]
    assert len(store.loads) == 4


def test_where_dates_come_round_and_round_days_are_not_read_whole_each_time(
    store: CountingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for age in (7, 6):
        put(store, age, "A")
    monkeypatch.setattr(day_cache, "HELD_BYTES", A_DAY)
    monkeypatch.setattr(day_cache, "MOST_BYTES", 100 * A_DAY)
    found = History(store, (5,), WEEK, "own")
    preferred = []
    for turn in range(8):
        assert ages(found, np.array([TODAY + turn % 2 * DAY]), "A") == [7]
        preferred.append(found.prefers_large_blocks)
    assert preferred == [False] * 6 + [True, False]


def test_which_days_there_are_is_asked_once(store: CountingStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot that comes while a file is scored is history for none of its rows."""
    monkeypatch.setattr(day_cache, "HELD_BYTES", 1)
    put(store, 6, "A")
    found = History(store, (5,), WEEK, "own")
    assert ages(found, np.array([TODAY]), "A") == [6]
    assert ages(found, np.array([TODAY + 1 * DAY]), "A") == [7]
    put(store, 7, "A", name="late")
    put(store, 6, "B", name="late")
    assert ages(found, np.array([TODAY, TODAY]), "A", "B") == [6, 0]


@given(
    rows=st.lists(
        st.tuples(st.sampled_from("ABCDEFG"), st.integers(0, 40)), min_size=1, max_size=30, unique=True
    ),
    kept=st.lists(st.tuples(st.sampled_from("ABCDEF"), st.integers(-40, 35)), max_size=40),
    cuts=st.lists(st.integers(1, 29), max_size=3),
    most=st.integers(0, 200),
    held=st.integers(0, 200),
)
def test_the_same_is_found_whatever_fits(
    rows: list[tuple[str, int]], kept: list[tuple[str, int]], cuts: list[int], most: int, held: int
) -> None:
    """However rows of many dates are cut into blocks, and in whichever of two files a drive's day is."""
    with TemporaryDirectory() as folder:
        store = FolderSnapshotStore(Path(folder))
        for name, part in (("one", kept[::2]), ("two", kept[1::2])):
            if part:
                writer = SnapshotWriter(store, name, name)
                values = np.arange(float(len(part)))[:, np.newaxis]
                dates = TODAY + np.array([day for _, day in part]) * DAY
                writer.add(dates, snapshot_rows(pa.array([serial for serial, _ in part]), values, (5,)))
                writer.commit()
        dates = TODAY + np.array([day for _, day in rows]) * DAY
        serials = pa.array([serial for serial, _ in rows])
        expected, their_ages = History(store, (5,), WINDOWS, "own").join(dates, serials)
        places = sorted({0, len(rows), *(cut for cut in cuts if cut < len(rows))})
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(day_cache, "MOST_BYTES", most)
            patch.setattr(day_cache, "HELD_BYTES", held)
            found = History(store, (5,), WINDOWS, "own")
            for start, end in pairwise(places):
                block = slice(start, end)
                earlier, found_ages = found.join(dates[block], serials.slice(start, end - start))
                for window, each in found_ages.items():
                    assert each.tolist() == their_ages[window][block].tolist()
                    nothing = np.full((end - start, 1), np.nan)
                    np.testing.assert_equal(
                        earlier.get(window, nothing),
                        expected[window][block] if window in expected else nothing,
                    )


def test_a_file_sorted_by_drive_is_scored_the_same(
    scorer: Scorer, engine: CsvEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every block needs all days, of which few fit; in one piece and in ranges."""
    first = dt.date(2022, 1, 1)
    days = [(first + dt.timedelta(days=place)).isoformat() for place in range(20)]
    serials = [f"S{number:04d}" for number in range(200)]
    # Each older day with other counters, so that it matters which is joined.
    earlier = [
        row(
            serial,
            (first - dt.timedelta(days=age)).isoformat(),
            smart_5_raw=number % 9,
            smart_187_raw=30 - age,
        )
        for age in range(1, 30)
        for number, serial in enumerate(serials)
    ]
    later = [row(serial, day, **WORN) for serial in serials for day in days]
    later[100] = "oops"
    later[3_000] = later[2_990]
    data = table(later)
    store = FolderSnapshotStore(tmp_path)
    score(engine, table(earlier), name="earlier.csv", store=store)
    expected = score(engine, data, store=store)
    assert expected.summary["history"]["rows_with_history"] > 3_900
    monkeypatch.setattr(day_cache, "MOST_BYTES", 40_000)
    monkeypatch.setattr(day_cache, "HELD_BYTES", 10_000)
    monkeypatch.setattr(pipeline, "line_blocks", partial(line_blocks, block_bytes=5_000))
    loads = []
    for large in (1, 50_000):
        monkeypatch.setattr(gathered_blocks, "LARGE_BYTES", large)
        same(score_in_ranges(scorer, data, 70_000, store=store), expected)
        counting = CountingStore(tmp_path)
        same(score(engine, data, store=counting), expected)
        loads.append(len(counting.loads))
    assert loads[1] < loads[0] / 2
