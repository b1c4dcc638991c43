"""What is in memory is what is there, and never more than the budget."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import NoReturn

import numpy as np
import pyarrow as pa
import pytest

from functions.errors import SnapshotError
from functions.scoring.history import day_cache
from functions.scoring.history.day_cache import ENTRY_BYTES, DayCache
from functions.scoring.history.folder_store import FolderSnapshotStore
from functions.scoring.history.lookup import Snapshot
from functions.scoring.history.snapshots import SnapshotWriter
from tests.support.snapshots import drive_keys, kept

DAY = dt.date(2018, 2, 22)
ATTRIBUTES = (5, 187)


class CountingStore(FolderSnapshotStore):
    """A folder that tells what was read, and that leaves out what a test says."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.loads: list[str] = []
        self.left_out: set[str] = set()

    def versions(self, day: dt.date) -> dict[str, str]:
        return {name: each for name, each in super().versions(day).items() if name not in self.left_out}

    def load(self, day: dt.date, name: str) -> bytes | None:
        self.loads.append(name)
        return super().load(day, name)

    def put(self, name: str, *serials: str, value: float = 1, day: dt.date = DAY) -> None:
        writer = SnapshotWriter(self, name, f"source of {name}")
        dates = np.repeat(np.datetime64(day), len(serials))
        writer.add(dates, kept(serials, np.full((len(serials), 2), value), ATTRIBUTES))
        writer.commit()

    def read(self, cache: DayCache, day: dt.date = DAY, attributes: tuple[int, ...] = ATTRIBUTES) -> Snapshot:
        found = cache.day(self, day, self.versions(day), attributes)
        assert found is not None
        return found


@pytest.fixture
def cache() -> DayCache:
    return DayCache()


@pytest.fixture
def store(tmp_path: Path) -> CountingStore:
    return CountingStore(tmp_path)


def values(found: Snapshot, *serials: str) -> list[float]:
    first = found.find(drive_keys(serials)).counters[:, 0]
    return [float(value) for value in first]


def test_read_once(store: CountingStore, cache: DayCache) -> None:
    for number in range(5):
        store.put(f"file{number}", f"S{number}", value=number)
    for _ in range(3):
        assert values(store.read(cache), "S0", "S4") == [0, 4]
    assert store.loads == [f"file{number}" for number in range(5)]


def test_only_what_is_new_or_replaced_is_read_again(store: CountingStore, cache: DayCache) -> None:
    store.put("a", "A", value=1)
    store.put("b", "B", value=2)
    assert values(store.read(cache), "A", "B") == [1, 2]
    store.put("c", "C", value=3)
    store.put("b", "B", value=20)
    assert values(store.read(cache), "A", "B", "C") == [1, 20, 3]
    assert store.loads == ["a", "b", "b", "c"]


def test_what_has_been_deleted_is_not_kept(store: CountingStore, cache: DayCache, tmp_path: Path) -> None:
    store.put("a", "A", value=1)
    store.put("b", "B", value=2)
    store.read(cache)
    (tmp_path / DAY.isoformat() / "b.arrow").unlink()
    np.testing.assert_equal(values(store.read(cache), "A", "B"), [1, np.nan])
    assert store.loads == ["a", "b"]


def test_the_last_of_several_counts_whichever_was_read_last(store: CountingStore, cache: DayCache) -> None:
    store.put("b", "A", value=2)
    assert values(store.read(cache), "A") == [2]
    store.put("a", "A", value=1)
    assert values(store.read(cache), "A") == [2], "in the order of their names"


def test_what_one_store_leaves_out_is_there_for_others(
    store: CountingStore, cache: DayCache, tmp_path: Path
) -> None:
    store.put("a", "A", value=1)
    store.put("b", "B", value=2)
    without = CountingStore(tmp_path)
    without.left_out = {"b"}
    for _ in range(2):
        np.testing.assert_equal(values(without.read(cache), "A", "B"), [1, np.nan])
        assert values(store.read(cache), "A", "B") == [1, 2]
    assert (without.loads, store.loads) == (["a"], ["b"]), "what is common is read once"


def test_other_attributes_are_read_for_themselves(store: CountingStore, cache: DayCache) -> None:
    store.put("a", "A", value=3)
    assert store.read(cache, attributes=(187,)).counters.shape == (1, 1)
    assert store.read(cache, attributes=(5, 187)).counters.shape == (1, 2)


def test_a_day_with_one_that_was_gone_is_read_again(store: CountingStore, cache: DayCache) -> None:
    store.put("a", "A", value=1)
    store.put("b", "B", value=2)
    versions = store.versions(DAY)
    content = store._path(DAY, "b").read_bytes()
    store._path(DAY, "b").unlink()
    without = cache.day(store, DAY, versions, ATTRIBUTES)
    assert without is not None
    np.testing.assert_equal(values(without, "A", "B"), [1, np.nan])
    store._path(DAY, "b").write_bytes(content)
    again = cache.day(store, DAY, versions, ATTRIBUTES)
    assert again is not None
    assert values(again, "A", "B") == [1, 2]


def test_one_that_cannot_be_read_is_not_kept(store: CountingStore, cache: DayCache) -> None:
    store.put("a", "A")
    content = store._path(DAY, "a").read_bytes()
    versions = store.versions(DAY)
    store._path(DAY, "a").write_bytes(b"junk")
    for _ in range(2):
        with pytest.raises(SnapshotError, match=r"2018-02-22/a\.arrow"):
            cache.day(store, DAY, versions, ATTRIBUTES)
    assert cache.nbytes == 0
    store._path(DAY, "a").write_bytes(content)
    assert cache.day(store, DAY, versions, ATTRIBUTES) is not None


def test_no_memory_for_one_says_nothing_about_it(
    store: CountingStore, cache: DayCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put("a", "A")

    def exhausted(*_: object) -> NoReturn:
        raise pa.ArrowMemoryError("malloc of size 1 failed")

    monkeypatch.setattr(day_cache, "read_part", exhausted)
    with pytest.raises(MemoryError):
        cache.day(store, DAY, store.versions(DAY), ATTRIBUTES)


def test_the_budget_is_kept_and_what_was_not_needed_for_longest_goes(store: CountingStore) -> None:
    days = [DAY + dt.timedelta(days=number) for number in range(4)]
    for day in days:
        store.put("a", *(f"S{number:04}" for number in range(500)), day=day)
    alone = DayCache()
    store.read(alone, days[0])
    cache = DayCache(2 * alone.nbytes)
    for day in days:
        store.read(cache, day)
        store.read(cache, days[0])
        assert cache.nbytes <= 2 * alone.nbytes
    assert store.loads == ["a"] * 5, "the first day stays"
    assert [cache.has(store.versions(day), ATTRIBUTES) for day in days] == [True, False, False, True]


def test_a_day_above_the_budget_drives_no_other_out(store: CountingStore) -> None:
    other = DAY + dt.timedelta(days=1)
    store.put("a", "A")
    store.put("a", *(f"S{number:04}" for number in range(500)), day=other)
    cache = DayCache(3 * ENTRY_BYTES)
    for _ in range(2):
        store.read(cache)
        assert len(store.read(cache, other).serials) == 500
    assert store.loads == ["a", "a", "a"]


def test_a_large_snapshot_is_kept_as_its_day_alone(
    store: CountingStore, cache: DayCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(day_cache, "SMALL_BYTES", 2_000)
    store.put("a", *(f"S{number}" for number in range(500)), value=5)
    store.put("b", "B", value=2)
    assert values(store.read(cache), "S499", "B") == [5, 2]
    assert cache.nbytes < 500 * (8 + 8 + 16) + 4 * ENTRY_BYTES
    store.put("c", "C", value=3)
    assert values(store.read(cache), "S499", "B", "C") == [5, 2, 3]
    assert store.loads == ["a", "b", "a", "c"]


def test_who_needs_the_same_day_waits_for_it(store: CountingStore, cache: DayCache) -> None:
    for number in range(50):
        store.put(f"file{number}", f"S{number}", value=number)
    start = Barrier(8)

    def read(_: int) -> list[float]:
        start.wait()
        return values(store.read(cache), "S0", "S49")

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, range(8))) == [[0, 49]] * 8
    assert len(store.loads) == 50


def test_two_days_of_a_fleet_in_a_file_a_site_are_kept(store: CountingStore, cache: DayCache) -> None:
    """A hundredth of 300,000 drives in 500 files: it fits a hundred times."""
    days = [DAY, DAY + dt.timedelta(days=21)]
    attributes = (5, 187, 188, 197)
    for day in days:
        for site in range(5):
            store.put(f"{site}", *(f"SITE{site:03}DRIVE{drive:03}" for drive in range(600)), day=day)
    for _ in range(2):
        for day in days:
            assert len(store.read(cache, day, attributes).serials) == 3_000
    assert len(store.loads) == 10
    assert 100 * cache.nbytes <= day_cache.BUDGET_BYTES
