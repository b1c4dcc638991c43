"""Rows joined in segments: the same whatever fits into memory and however they are cut."""

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
from functions.scoring.engine import pipeline
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.history import day_cache
from functions.scoring.history.day_cache import ENTRY_BYTES, DayCache
from functions.scoring.history.folder_store import FolderSnapshotStore
from functions.scoring.history.join import History
from functions.scoring.history.snapshots import SnapshotWriter
from functions.scoring.model.features import WINDOWS
from functions.scoring.model.scorer import Scorer
from tests.functions.scoring.engine.test_merge import same
from tests.functions.scoring.history.test_join import DAY, TODAY, CountingStore, put
from tests.support.drives import WORN, row, score, table
from tests.support.in_ranges import score_in_ranges
from tests.support.snapshots import MODEL, hashes_of
from tests.support.snapshots import kept as kept_rows

WEEK = WINDOWS[:1]


def test_which_snapshots_there_are_is_asked_once(tmp_path: Path) -> None:
    """A snapshot that comes while a file is scored is history for none of its rows."""
    store = CountingStore(tmp_path)
    put(store, 6, "A")
    history = History(store, (5,), WEEK)

    def ages(serials: str, day: np.datetime64 = TODAY) -> list[int]:
        dates, models = np.full(len(serials), day), hashes_of([MODEL] * len(serials))
        found: list[int] = history.join(dates, pa.array([*serials]), models).ages[7].tolist()
        return found

    assert ages("A") == [6]
    assert ages("A", TODAY + 1 * DAY) == [7]
    put(store, 7, "A", name="late")
    put(store, 6, "B", name="late")
    assert ages("AB") == [6, 0]


def test_what_is_in_memory_is_joined_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where days come round and round, as many as fit need not be read again each time."""
    store = CountingStore(tmp_path)
    for age in range(4, 8):
        put(store, age, "A")
    monkeypatch.setattr(day_cache, "CACHE", DayCache(6 * (ENTRY_BYTES + 40)))
    dates = TODAY + np.arange(4) * DAY
    found = History(store, (5,), WEEK)
    for _ in range(2):
        assert found.join(dates, pa.array(["A"] * 4), hashes_of([MODEL] * 4)).ages[7].tolist() == [7] * 4
    assert 4 < len(store.loads) < 8


@given(
    rows=st.lists(
        st.tuples(st.sampled_from("ABCDEFG"), st.integers(0, 40)), min_size=1, max_size=30, unique=True
    ),
    kept=st.lists(st.tuples(st.sampled_from("ABCDEF"), st.integers(-40, 35)), max_size=40),
    cuts=st.lists(st.integers(1, 29), max_size=3),
    budget=st.integers(0, 20 * ENTRY_BYTES),
)
def test_the_same_is_found_whatever_fits(
    rows: list[tuple[str, int]], kept: list[tuple[str, int]], cuts: list[int], budget: int
) -> None:
    """However rows of many dates are cut, and in whichever of two files a drive's day is."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        store = FolderSnapshotStore(Path(folder))
        for name, part in (("one", kept[::2]), ("two", kept[1::2])):
            if part:
                writer = SnapshotWriter(store, name, name)
                values = np.arange(float(len(part)))[:, np.newaxis]
                dates = TODAY + np.array([day for _, day in part]) * DAY
                writer.add(dates, kept_rows([serial for serial, _ in part], values, (5,)))
                writer.commit()
        dates = TODAY + np.array([day for _, day in rows]) * DAY
        serials = pa.array([serial for serial, _ in rows])
        models = hashes_of([MODEL] * len(rows))
        expected = History(store, (5,), WINDOWS).join(dates, serials, models)
        cut_at = sorted({0, len(rows), *(cut for cut in cuts if cut < len(rows))})
        patch.setattr(day_cache, "CACHE", DayCache(budget))
        found = History(store, (5,), WINDOWS)
        for start, end in pairwise(cut_at):
            ours = found.join(dates[start:end], serials.slice(start, end - start), models[start:end])
            theirs = expected.rows(start, end)
            nothing = np.full((end - start, 1), np.nan)
            for window, ages in ours.ages.items():
                assert ages.tolist() == theirs.ages[window].tolist()
                np.testing.assert_equal(
                    ours.earlier.get(window, nothing), theirs.earlier.get(window, nothing)
                )


def test_a_file_sorted_by_drive_is_scored_the_same(
    scorer: Scorer, engine: CsvEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every block needs all days, of which few fit; in one piece and in ranges."""
    first = dt.date(2022, 1, 1)
    days = [(first + dt.timedelta(days=number)).isoformat() for number in range(20)]
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
    monkeypatch.setattr(pipeline, "line_blocks", partial(line_blocks, block_bytes=5_000))
    monkeypatch.setattr(day_cache, "SMALL_BYTES", 0)
    loads = []
    for limit in ("SEGMENT_BYTES", "SEGMENT_LINES"):
        for large in (1, 50_000 if limit == "SEGMENT_BYTES" else 700):
            with monkeypatch.context() as patch:
                patch.setattr(pipeline, limit, large)
                patch.setattr(day_cache, "CACHE", DayCache(40_000))
                same(score_in_ranges(scorer, data, 70_000, store=store), expected)
                counting = CountingStore(tmp_path)
                same(score(engine, data, store=counting), expected)
                loads.append(len(counting.loads))
    assert loads[1] < loads[0] / 2
    assert loads[3] < loads[2] / 2
