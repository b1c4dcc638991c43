"""What is kept between files is what is there, and never more than fits."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np
import pyarrow as pa
import pytest

from functions.scoring.history import kept_days
from functions.scoring.history.folder_store import FolderSnapshotStore
from functions.scoring.history.kept_days import read_day
from functions.scoring.history.lookup import Snapshot
from functions.scoring.history.snapshots import SnapshotWriter, snapshot_rows

DAY = dt.date(2018, 2, 22)
ATTRIBUTES = (5, 187)


class VersionedStore(FolderSnapshotStore):
    """A folder that tells versions, by what a test says, and what was read."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.loads: list[str] = []
        self.revisions: dict[str, int] = {}
        self._last: Mapping[str, str] = {}

    def versions(self, day: dt.date) -> Mapping[str, str]:
        found = {name: f"{day}/{name} {self.revisions.get(name, 0)}" for name in self.names(day)}
        if found != self._last:
            self._last = found
        return self._last

    def load(self, day: dt.date, name: str) -> bytes | None:
        self.loads.append(name)
        return super().load(day, name)

    def put(self, name: str, *serials: str, value: float = 1, day: dt.date = DAY) -> None:
        """Write a snapshot, in a version of its own; its source is called like it."""
        writer = SnapshotWriter(self, name, f"source of {name}")
        dates = np.repeat(np.datetime64(day), len(serials))
        writer.add(dates, snapshot_rows(pa.array(serials), np.full((len(serials), 2), value), ATTRIBUTES))
        writer.commit()
        self.revisions[name] = self.revisions.get(name, 0) + 1

    def read(self, own: str = "", day: dt.date = DAY, attributes: tuple[int, ...] = ATTRIBUTES) -> Snapshot:
        found = read_day(self, day, self.names(day), attributes, own)
        assert found is not None
        return found


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_days, "_days", OrderedDict())


@pytest.fixture
def store(tmp_path: Path) -> VersionedStore:
    return VersionedStore(tmp_path)


def values(found: Snapshot, *serials: str) -> list[float]:
    first = found.find(np.array(serials, dtype="S8"))[:, 0]
    return [float(value) for value in first]


def test_read_once(store: VersionedStore) -> None:
    for number in range(5):
        store.put(f"file{number}", f"S{number}", value=number)
    for _ in range(3):
        assert values(store.read(), "S0", "S4") == [0, 4]
    assert store.loads == [f"file{number}" for number in range(5)]


def test_only_what_is_new_or_replaced_is_read_again(store: VersionedStore) -> None:
    store.put("a", "A", value=1)
    store.put("b", "B", value=2)
    assert values(store.read(), "A", "B") == [1, 2]
    store.put("c", "C", value=3)
    store.put("b", "B", value=20)
    assert values(store.read(), "A", "B", "C") == [1, 20, 3]
    assert store.loads == ["a", "b", "b", "c"]


def test_what_has_been_deleted_is_not_kept(store: VersionedStore, tmp_path: Path) -> None:
    store.put("a", "A", value=1)
    store.put("b", "B", value=2)
    store.read()
    (tmp_path / DAY.isoformat() / "b.arrow").unlink()
    np.testing.assert_equal(values(store.read(), "A", "B"), [1, np.nan])
    assert store.loads == ["a", "b"]
    (tmp_path / DAY.isoformat() / "a.arrow").unlink()
    assert read_day(store, DAY, store.names(DAY), ATTRIBUTES, "") is None


def test_the_last_of_several_counts_whichever_was_read_last(store: VersionedStore) -> None:
    store.put("b", "A", value=2)
    assert values(store.read(), "A") == [2]
    store.put("a", "A", value=1)
    assert values(store.read(), "A") == [2], "in the order of their names"


def test_each_source_passes_its_own_over(store: VersionedStore) -> None:
    store.put("a", "A", value=1)
    store.put("b", "B", value=2)
    for _ in range(2):
        np.testing.assert_equal(values(store.read("source of a"), "A", "B"), [np.nan, 2])
        np.testing.assert_equal(values(store.read("source of b"), "A", "B"), [1, np.nan])
        assert values(store.read("another"), "A", "B") == [1, 2]
    assert store.loads.count("b") <= 2


def test_alone_a_source_has_no_history(store: VersionedStore) -> None:
    store.put("a", "A")
    for _ in range(2):
        assert read_day(store, DAY, ["a"], ATTRIBUTES, "source of a") is None
    assert values(store.read(), "A") == [1]


class WithoutB(VersionedStore):
    """One that leaves a snapshot out, as it does for the file that wrote it."""

    def names(self, day: dt.date) -> list[str]:
        return [name for name in super().names(day) if name != "b"]


def test_what_one_store_leaves_out_is_there_for_others_and_theirs_is_not_for_it(
    store: VersionedStore, tmp_path: Path
) -> None:
    store.put("a", "A", value=1)
    store.put("b", "B", value=2)
    without = WithoutB(tmp_path)
    without.revisions = store.revisions
    for _ in range(2):
        np.testing.assert_equal(values(without.read(), "A", "B"), [1, np.nan])
        assert values(store.read(), "A", "B") == [1, 2]
    assert without.loads == ["a"], "what is common is read once"


def test_a_snapshot_that_another_thread_no_longer_finds_is_read_all_the_same(store: VersionedStore) -> None:
    """The threads of a run share its store: one may list a day between another's listing and reading."""
    store.put("a", "A", value=1)
    store.put("b", "B", value=2)
    store.versions = lambda day: {"b": "1"}  # type: ignore[method-assign]
    assert values(store.read(), "A", "B") == [1, 2]


def test_other_attributes_are_read_for_themselves(store: VersionedStore) -> None:
    store.put("a", "A", value=3)
    assert store.read(attributes=(187,)).counters.shape == (1, 1)
    assert store.read(attributes=(5, 187)).counters.shape == (1, 2)


def test_a_large_day_is_not_kept(store: VersionedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_days, "KEPT_BYTES", 8_000)
    store.put("a", *(f"S{number}" for number in range(500)))
    for _ in range(2):
        assert values(store.read(), "S499") == [1]
    assert store.loads == ["a", "a"]
    assert not kept_days._days


def test_the_day_that_was_not_used_for_longest_makes_room(
    store: VersionedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [DAY + dt.timedelta(days=number) for number in range(3)]
    for number, day in enumerate(days):
        store.put(f"file{number}", "A", value=number, day=day)
    monkeypatch.setattr(kept_days, "KEPT_BYTES", 2 * (2 * kept_days.PART_BYTES + 200))
    for number in (0, 1, 0, 2, 0, 1):
        assert values(store.read(day=days[number]), "A") == [number]
    assert store.loads == ["file0", "file1", "file2", "file1"]
    assert sum(kept.nbytes for kept in kept_days._days.values()) <= kept_days.KEPT_BYTES


def test_who_needs_the_same_day_waits_for_it(store: VersionedStore) -> None:
    for number in range(50):
        store.put(f"file{number}", f"S{number}", value=number)
    start = Barrier(8)

    def read(_: int) -> list[float]:
        start.wait()
        return values(store.read("another"), "S0", "S49")

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, range(8))) == [[0, 49]] * 8
    assert len(store.loads) == 50


class Unversioned(VersionedStore):
    """One that cannot tell versions."""

    def versions(self, day: dt.date) -> None:  # type: ignore[override]
        return None


def test_a_store_that_tells_no_versions_is_read_every_time(tmp_path: Path) -> None:
    store = Unversioned(tmp_path)
    store.put("a", "A", value=1)
    for _ in range(2):
        assert values(store.read(), "A") == [1]
    assert store.loads == ["a", "a"]
    assert not kept_days._days


def test_what_has_no_version_is_not_kept(store: VersionedStore, tmp_path: Path) -> None:
    """It was listed, and is there, but its version was not told: nothing would show that it is replaced."""
    store.put("a", "A", value=1)
    store.put("b", "B", value=2)
    given = {"b": "of b"}
    store.versions = lambda day: given  # type: ignore[method-assign]
    other = VersionedStore(tmp_path / "other")
    other.put("a", "A", value=10)
    other.versions = store.versions  # type: ignore[method-assign]
    np.testing.assert_equal(values(store.read(), "A", "B"), [1, 2])
    np.testing.assert_equal(values(other.read(), "A", "B"), [10, np.nan])
    np.testing.assert_equal(values(store.read(), "A", "B"), [1, 2])


def test_of_what_was_listed_since_nothing_is_missing(store: VersionedStore) -> None:
    """One thread has an older listing than the versions: the next file must get all of them."""
    store.put("a", "A", value=1)
    older = store.names(DAY)
    store.put("b", "B", value=2)
    read_day(store, DAY, older, ATTRIBUTES, "")
    assert values(store.read(), "A", "B") == [1, 2]
    assert store.loads == ["a", "b"]


def test_what_was_gone_when_it_was_read_is_looked_for_again(store: VersionedStore) -> None:
    store.put("a", "A", value=1)
    store.put("b", "B", value=2)
    given = store.versions(DAY)
    store.versions = lambda day: given  # type: ignore[method-assign]
    content = store.load(DAY, "b")
    assert content is not None
    store._path(DAY, "b").unlink()
    without = read_day(store, DAY, ["a", "b"], ATTRIBUTES, "")
    assert without is not None
    np.testing.assert_equal(values(without, "A", "B"), [1, np.nan])
    store._path(DAY, "b").write_bytes(content)
    assert values(store.read(), "A", "B") == [1, 2]


def test_a_large_snapshot_is_not_kept_nor_its_day(
    store: VersionedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_days, "PART_MOST_BYTES", 2_000)
    store.put("a", *(f"S{number}" for number in range(500)), value=5)
    store.put("b", "B", value=2)
    for _ in range(2):
        assert values(store.read(), "S499", "B") == [5, 2]
    assert store.loads == ["a", "b", "a"], "of small ones beside it each is read once"
    (kept,) = kept_days._days.values()
    assert kept.snapshot is None
    assert kept.nbytes < 4 * kept_days.PART_BYTES


def test_two_days_of_a_fleet_in_a_file_a_site_are_kept(store: VersionedStore) -> None:
    """A hundredth of 300,000 drives in 500 files: what is counted for them fits with room for a hundred."""
    days = [DAY, DAY + dt.timedelta(days=21)]
    attributes = (5, 187, 188, 197)
    for day in days:
        for site in range(5):
            store.put(f"{site}", *(f"SITE{site:03}DRIVE{drive:03}" for drive in range(600)), day=day)
    for _ in range(2):
        for day in days:
            assert len(store.read(day=day, attributes=attributes).serials) == 3_000
    assert len(store.loads) == 10
    counted = sum(kept.nbytes for kept in kept_days._days.values())
    drives = 2 * 3_000 * ((15 + 4 * 8) + (15 + 4 * 8 + 8))
    assert counted == drives + 2 * (5 + 1) * kept_days.PART_BYTES
    assert 100 * counted <= kept_days.KEPT_BYTES
