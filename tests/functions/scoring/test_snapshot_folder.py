import datetime as dt
from pathlib import Path

import pytest

from functions.scoring.snapshot_folder import FolderSnapshotStore

DAY = dt.date(2014, 1, 25)


def put(store: FolderSnapshotStore, name: str, content: bytes) -> None:
    with store.create(DAY, name) as sink:
        sink.write(content)


def test_names_are_sorted_and_may_have_folders(tmp_path: Path) -> None:
    store = FolderSnapshotStore(tmp_path / "history")
    assert store.names(DAY) == []
    for name in ("b", "site/a", "a"):
        put(store, name, name.encode())
    assert store.names(DAY) == ["a", "b", "site/a"]
    assert store.names(dt.date(2014, 1, 26)) == []
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
        assert store.names(DAY) == ["a"]
        raise OSError("full")
    assert store.load(DAY, "a") == b"old"
    put(store, "a", b"new")
    assert store.load(DAY, "a") == b"new"
    assert [path.name for path in (tmp_path / "2014-01-25").iterdir()] == ["a.arrow"]
