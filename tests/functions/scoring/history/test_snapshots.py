import datetime as dt
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.errors import TelemetryFileError
from functions.scoring.history import snapshots
from functions.scoring.history.folder_store import FolderSnapshotStore
from functions.scoring.history.lookup import join_parts, read_part
from functions.scoring.history.snapshots import (
    MAX_DATES,
    SNAPSHOT_ATTRIBUTES,
    SnapshotWriter,
)
from functions.scoring.seal import unseal
from tests.support.snapshots import drive_keys
from tests.support.snapshots import kept as kept_rows

DAY = dt.date(2014, 1, 25)
NAN = float("nan")


def days(*dates: str) -> np.ndarray:
    return np.array(dates, dtype="datetime64[D]")


def writer(folder: Path, source: str = "day.csv\n1", name: str = "day") -> SnapshotWriter:
    return SnapshotWriter(FolderSnapshotStore(folder), name, source)


def kept(serials: list[str], values: list[list[float]] | np.ndarray) -> pa.RecordBatch:
    return kept_rows(serials, values, (5, 187))


def write(
    folder: Path, serials: list[str], values: list[list[float]], source: str = "a", name: str = "day"
) -> bytes:
    wrote = writer(folder, source, name)
    wrote.add(days(*["2014-01-25"] * len(serials)), kept(serials, values))
    wrote.commit()
    return load(folder, DAY, name)


def load(folder: Path, day: dt.date = DAY, name: str = "day") -> bytes:
    content = FolderSnapshotStore(folder).load(day, name)
    assert content is not None
    return content


def find(files: list[bytes], serials: list[str]) -> list[list[float]]:
    found = join_parts([read_part(content, (187, 5)) for content in files])
    assert found is not None
    values: list[list[float]] = found.find(drive_keys(serials)).counters.tolist()
    return values


def test_every_counter_is_kept_and_nothing_else() -> None:
    assert 187 in SNAPSHOT_ATTRIBUTES
    assert not {190, 194} & set(SNAPSHOT_ATTRIBUTES)


def test_written_and_found(tmp_path: Path) -> None:
    content = write(tmp_path, ["B", "A", "Ä"], [[1, 2**47], [3, NAN], [5, 6]])
    np.testing.assert_equal(
        find([content], ["A", "x", "Ä", "B", "Z"]),
        [[NAN, 3], [NAN, NAN], [6, 5], [2**47, 1], [NAN, NAN]],
    )


def test_one_snapshot_for_each_date(tmp_path: Path) -> None:
    wrote = writer(tmp_path)
    values = np.arange(6, dtype=float).reshape(3, 2)
    wrote.add(days("2014-01-26", "2014-01-25", "2014-01-26"), kept(["A", "B", "C"], values))
    assert not list(tmp_path.rglob("*.arrow"))
    assert wrote.commit() == ["2014-01-25/day", "2014-01-26/day"]
    assert find([load(tmp_path)], ["A", "B"])[1] == [3, 2]
    assert find([load(tmp_path, dt.date(2014, 1, 26))], ["C"]) == [[5, 4]]


def test_rows_beyond_a_batch_are_written_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "HELD_ROWS", 3)
    wrote = writer(tmp_path)
    for index in range(10):
        rows = kept([f"A{index}", f"B{index}"], np.full((2, 2), index))
        wrote.add(days("2014-01-25", "2014-01-26"), rows)
    wrote.commit()
    content = load(tmp_path)
    assert find([content], [f"A{index}" for index in range(10)]) == [[p, p] for p in range(10)]


def test_rows_of_many_dates_are_not_all_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "HELD_ROWS", 4)
    wrote = writer(tmp_path)
    for day in range(12):
        rows = 1 + day % 2
        date = f"2014-01-{day + 1:02d}"
        serials = [f"{day}.{row}" for row in range(rows)]
        wrote.add(days(*[date] * rows), kept(serials, np.ones((rows, 2))))
        assert sum(len(part) for parts in wrote._pending.values() for part in parts) < 4
    assert list(tmp_path.rglob("*.part"))
    assert len(wrote.commit()) == 12
    for day in range(12):
        content = load(tmp_path, dt.date(2014, 1, day + 1))
        assert find([content], [f"{day}.0", f"{day}.1"])[0] == [1, 1]


def test_rows_of_one_date_are_written_a_batch_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "BATCH_ROWS", 4)
    wrote = writer(tmp_path)
    for index in range(10):
        wrote.add(days("2014-01-25"), kept([f"A{index}"], [[index, index]]))
        assert sum(len(part) for parts in wrote._pending.values() for part in parts) == (index + 1) % 4
    wrote.commit()
    with pa.ipc.open_file(pa.py_buffer(unseal(load(tmp_path)).content)) as reader:
        assert [reader.get_batch(index).num_rows for index in range(3)] == [4, 4, 2]


@given(
    cuts=st.lists(st.integers(0, 6), max_size=8),
    held=st.integers(1, 9),
    batch=st.integers(1, 9),
    stretch=st.integers(1, 7),
)
def test_the_same_rows_give_the_same_bytes_however_they_are_cut(
    cuts: list[int], held: int, batch: int, stretch: int
) -> None:
    rows = 21
    dates = days(*(f"2014-01-{25 + row // stretch % 3}" for row in range(rows)))
    values = np.arange(2.0 * rows).reshape(rows, 2)
    values[::3, 1] = np.nan
    whole = kept([f"S{row}" for row in range(rows)], values)
    indices = sorted({0, rows, *np.minimum(np.cumsum(cuts, dtype=int), rows).tolist()})
    contents = []
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        patch.setattr(snapshots, "HELD_ROWS", held)
        patch.setattr(snapshots, "BATCH_ROWS", batch)
        for name, bounds in (("whole", [0, rows]), ("cut", indices)):
            wrote = writer(Path(folder) / name)
            for start, end in pairwise(bounds):
                wrote.add(dates[start:end], whole[start:end])
            wrote.commit()
            contents.append([load(Path(folder) / name, dt.date(2014, 1, 25 + day)) for day in range(3)])
    assert contents[0] == contents[1]


def test_an_aborted_run_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "HELD_ROWS", 1)
    before = write(tmp_path, ["A"], [[1, 1]])
    wrote = writer(tmp_path)
    wrote.add(days("2014-01-25"), kept(["A"], [[2, 2]]))
    assert list(tmp_path.rglob("*.part"))
    wrote.abort()
    assert [path.name for path in tmp_path.rglob("*.*")] == ["day.arrow"]
    assert load(tmp_path) == before


def test_too_many_dates(tmp_path: Path) -> None:
    wrote = writer(tmp_path)
    many = np.datetime64("2014-01-01") + np.arange(MAX_DATES, dtype="timedelta64[D]")
    wrote.add(many, kept(["A"] * MAX_DATES, np.zeros((MAX_DATES, 2))))
    with pytest.raises(TelemetryFileError, match=r"\b400 dates\b"):
        wrote.add(days("2020-01-01"), kept(["A"], [[0, 0]]))
    wrote.abort()
