import copy
import datetime as dt
import os
import shutil
import tempfile
from collections import OrderedDict
from collections.abc import Iterator
from errno import ENOSPC
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.scoring.history import day_cache, folder_store
from functions.scoring.history.day_cache import DayCache
from functions.scoring.history.folder_store import SUFFIX, FolderSnapshotStore
from functions.scoring.history.snapshots import SnapshotWriter
from tests.support.snapshots import drive_keys, kept

DAY = dt.date(2014, 1, 25)
ATTRIBUTES = (5, 187)
SERIALS = ("A", "B", "C", "D")


class CountingStore(FolderSnapshotStore):
    """A folder that tells what was read."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.loads: list[str] = []

    def load(self, day: dt.date, name: str) -> bytes | None:
        self.loads.append(name)
        return super().load(day, name)


def put(store: FolderSnapshotStore, name: str, content: bytes) -> None:
    with store.create(DAY, name) as sink:
        sink.write(content)


def test_names_are_sorted_and_may_have_folders(tmp_path: Path) -> None:
    store = FolderSnapshotStore(tmp_path / "history")
    assert [*store.versions(DAY)] == []
    for name in ("b", "site/a", "a"):
        put(store, name, name.encode())
    assert [*store.versions(DAY)] == ["a", "b", "site/a"]
    assert store.versions(dt.date(2014, 1, 26)) == {}
    assert store.load(DAY, "site/a") == b"site/a"
    assert (tmp_path / "history" / "2014-01-25" / "site" / "a.arrow").is_file()


def test_one_that_is_not_there_is_none(tmp_path: Path) -> None:
    store = FolderSnapshotStore(tmp_path)
    put(store, "site/a", b"x")
    assert store.load(DAY, "site/b") is None
    assert store.load(dt.date(2014, 1, 26), "site/a") is None


def test_an_older_one_is_replaced_only_when_all_went_well(tmp_path: Path) -> None:
    store = FolderSnapshotStore(tmp_path)
    put(store, "a", b"old")
    with pytest.raises(OSError, match="full"), store.create(DAY, "a") as sink:  # noqa: PT012
        sink.write(b"half")
        assert [*store.versions(DAY)] == ["a"]
        raise OSError(ENOSPC, "full")
    assert store.load(DAY, "a") == b"old"
    put(store, "a", b"new")
    assert store.load(DAY, "a") == b"new"
    assert [path.name for path in (tmp_path / "2014-01-25").iterdir()] == ["a.arrow"]


def found_by_glob(base: Path) -> list[str]:
    return sorted(path.relative_to(base).as_posix()[: -len(SUFFIX)] for path in base.rglob(f"*{SUFFIX}"))


def test_names_are_those_of_all_files_with_the_ending(tmp_path: Path) -> None:
    store = FolderSnapshotStore(tmp_path)
    base = tmp_path / DAY.isoformat()
    for name in (
        "b",
        "a b",
        "a-b",
        "a/b",
        "a/b/c",
        "ä",
        ".hidden",
        "",
        "x.arrow/y",
        "line\nbreak",
        "a.arrow",
    ):
        put(store, name, b"x")
    for name in ("a.arrow.part", "a.ARROW", "b.csv"):
        (base / name).write_bytes(b"x")
    (base / "linked.arrow").symlink_to(base / "b.arrow")
    (base / "broken.arrow").symlink_to(base / "none")
    (base / "a" / "up").symlink_to(base, target_is_directory=True)
    there = [name for name in found_by_glob(base) if name != "broken"]
    assert [*store.versions(DAY)] == there
    assert {"a/b/c", "", "x.arrow/y", "x", "linked"} < set(there)


def test_versions_tell_snapshots_of_all_days_apart(tmp_path: Path) -> None:
    store = FolderSnapshotStore(tmp_path)
    assert store.versions(DAY) == {}
    put(store, "a", b"a")
    put(store, "site/b", b"b")
    given = store.versions(DAY)
    assert list(given) == ["a", "site/b"]
    assert len(set(given.values())) == 2
    put_elsewhere = DAY + dt.timedelta(days=1)
    with store.create(put_elsewhere, "a") as sink:
        sink.write(b"a")
    assert FolderSnapshotStore(tmp_path).versions(DAY) == given
    assert not set(store.versions(put_elsewhere).values()) & set(given.values())


def test_another_program_is_noticed(tmp_path: Path) -> None:
    store = FolderSnapshotStore(tmp_path)
    put(store, "a", b"one")
    put(store, "b", b"two")
    seen = [store.versions(DAY)]
    base = tmp_path / DAY.isoformat()

    def changed() -> set[str]:
        seen.append(store.versions(DAY))
        before, after = seen[-2:]
        return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}

    (base / "new").write_bytes(b"ONE")
    (base / "new").replace(base / "a.arrow")
    assert changed() == {"a"}, "as many bytes"
    (base / "b.arrow").write_bytes(b"longer")
    assert changed() == {"b"}
    os.utime(base / "b.arrow", ns=(1, 1))
    assert changed() == {"b"}
    (base / "c.arrow").write_bytes(b"c")
    assert changed() == {"c"}
    (base / "a.arrow").unlink()
    assert changed() == {"a"}
    assert changed() == set()


@pytest.fixture
def clock_that_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system whose clock has not ticked, and which gives the same inode again."""
    listed = folder_store._list_files

    def standing(folder: str) -> Iterator[tuple[str, object]]:
        status = SimpleNamespace(st_dev=1, st_ino=2, st_size=3, st_mtime_ns=4, st_ctime_ns=5)
        for name, _ in listed(folder):
            yield name, SimpleNamespace(stat=lambda: status)

    monkeypatch.setattr(folder_store, "_list_files", standing)


@pytest.mark.usefixtures("clock_that_stands")
def test_what_this_process_writes_within_one_tick_is_told_apart(tmp_path: Path) -> None:
    store, other = FolderSnapshotStore(tmp_path), FolderSnapshotStore(tmp_path / "." / "x" / "..")
    (tmp_path / "x").mkdir()
    seen = set()
    for writer in (store, other, store):
        put(writer, "a", b"same")
        seen.add(store.versions(DAY)["a"])
        assert other.versions(DAY) == store.versions(DAY)
    store._path(DAY, "a").unlink()
    put(store, "a", b"same")
    seen.add(store.versions(DAY)["a"])
    assert len(seen) == 4
    with pytest.raises(OSError, match="full"), store.create(DAY, "a"):
        raise OSError(ENOSPC, "full")
    assert store.versions(DAY)["a"] in seen


@pytest.mark.usefixtures("clock_that_stands")
def test_so_many_writings_are_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_store, "_writings", OrderedDict())
    monkeypatch.setattr(folder_store, "MOST_WRITINGS", 2)
    store = FolderSnapshotStore(tmp_path)
    for name in ("a", "b", "a", "c"):
        put(store, name, b"x")
    base = os.path.realpath(tmp_path / DAY.isoformat())
    assert list(folder_store._writings) == [f"{base}/a", f"{base}/c"], "those of last"


def write(
    store: FolderSnapshotStore, name: str, *serials: str, value: float = 1, source: str | None = None
) -> None:
    writer = SnapshotWriter(store, name, source or f"{name}.csv\n1")
    dates = np.repeat(np.datetime64(DAY), len(serials))
    writer.add(dates, kept(serials, np.full((len(serials), 2), value), ATTRIBUTES))
    writer.commit()


def history(store: FolderSnapshotStore, own: str = "", cache: DayCache | None = None) -> list[float | None]:
    """First counters of `SERIALS`, as a file of the source ``own`` finds them."""
    store = copy.copy(store)
    store._source = own
    found = (cache or day_cache.CACHE).day(store, DAY, store.versions(DAY), ATTRIBUTES)
    if found is None:
        return [None] * len(SERIALS)
    values = found.find(drive_keys(SERIALS)).counters[:, 0]
    return [None if np.isnan(value) else float(value) for value in values]


def test_the_next_file_reads_nothing_again(tmp_path: Path) -> None:
    store = CountingStore(tmp_path)
    for value, name in enumerate(SERIALS):
        write(store, name, name, value=value)
    for file in range(3):
        assert history(store, f"file{file}") == [0, 1, 2, 3]
    assert store.loads == list(SERIALS)
    again = CountingStore(tmp_path)
    assert history(again) == [0, 1, 2, 3]
    assert not again.loads, "nor does another store of the same folder"


def test_only_what_another_program_changed_is_read_again(tmp_path: Path) -> None:
    store = CountingStore(tmp_path / "history")
    elsewhere = FolderSnapshotStore(tmp_path / "elsewhere")
    for name in ("a", "b"):
        write(store, name, name.upper(), value=1)
    assert history(store) == [1, 1, None, None]
    write(elsewhere, "a", "A", value=2)
    write(elsewhere, "c", "C", value=3)
    path, replacement = store._path(DAY, "a"), elsewhere._path(DAY, "a")
    assert path.stat().st_size == replacement.stat().st_size
    replacement.replace(path)
    assert history(store) == [2, 1, None, None]
    elsewhere._path(DAY, "c").replace(store._path(DAY, "c"))
    assert history(store) == [2, 1, 3, None]
    store._path(DAY, "b").unlink()
    assert history(store) == [2, None, 3, None]
    assert store.loads == ["a", "b", "a", "c"]
    shutil.rmtree(tmp_path / "history")
    assert history(store) == [None] * 4


def test_the_own_source_is_passed_over(tmp_path: Path) -> None:
    store = CountingStore(tmp_path)
    write(store, "a", "A", value=1)
    write(store, "b", "B", value=2)
    for _ in range(2):
        assert history(store, "another") == [1, 2, None, None]
        assert history(store, "a.csv\n1") == [None, 2, None, None]
        assert history(store, "b.csv\n1") == [1, None, None, None]
    write(store, "b", "B", value=3)
    assert history(store, "another") == [1, 3, None, None]


def test_two_folders_are_never_taken_for_one_another(tmp_path: Path) -> None:
    """With the same days, names, sizes and dates."""
    stores = [CountingStore(tmp_path / index) for index in ("one", "two")]
    for value, store in enumerate(stores):
        write(store, "a", "A", value=value)
        os.utime(store._path(DAY, "a"), ns=(1, 1))
    for _ in range(3):
        assert [history(store)[0] for store in stores] == [0, 1]
    (tmp_path / "one").rename(tmp_path / "other")
    (tmp_path / "two").rename(tmp_path / "one")
    assert history(stores[0])[0] == 1
    assert history(stores[1])[0] is None


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("write", "write beside", "delete", "read")),
        st.sampled_from(("a", "b", "site/a")),
        st.sampled_from(SERIALS),
        st.integers(0, 9),
    ),
    max_size=12,
)


@given(STEPS)
@settings(max_examples=60, deadline=None)
def test_what_is_kept_changes_no_result(steps: list[tuple[str, str, str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        kept = FolderSnapshotStore(Path(folder) / "history")
        beside = FolderSnapshotStore(Path(folder) / "beside")
        for step, name, serial, value in steps:
            path = kept._path(DAY, name)
            if step == "write":
                write(kept, name, serial, value=value)
            elif step == "write beside":
                write(beside, name, serial, value=value)
                path.parent.mkdir(parents=True, exist_ok=True)
                beside._path(DAY, name).replace(path)
            elif step == "delete":
                path.unlink(missing_ok=True)
            own = f"{name}.csv\n1" if value % 3 == 0 else ""
            assert history(kept, own) == history(kept, own, DayCache())
