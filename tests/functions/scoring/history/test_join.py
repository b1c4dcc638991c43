import datetime as dt
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from functions.errors import SnapshotError
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.history.folder_store import FolderSnapshotStore
from functions.scoring.history.join import History
from functions.scoring.history.snapshots import SnapshotWriter
from functions.scoring.model.features import WINDOWS
from tests.support.drives import made_for, row, score, table
from tests.support.snapshots import MODEL, hashes_of, kept

TODAY = np.datetime64("2018-03-01")
DAY = np.timedelta64(1, "D")


class CountingStore(FolderSnapshotStore):
    """A folder that tells what was read."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.loads: list[str] = []

    def load(self, day: dt.date, name: str) -> bytes | None:
        self.loads.append(f"{day}/{name}")
        return super().load(day, name)


@pytest.fixture
def store(tmp_path: Path) -> CountingStore:
    return CountingStore(tmp_path)


def put(
    store: FolderSnapshotStore,
    age: int,
    *serials: str,
    name: str = "day",
    source: str = "x",
    value: float = -1,
) -> None:
    """Write the snapshot of a day; values are the day's age unless said otherwise."""
    writer = SnapshotWriter(store, name, source)
    dates = np.repeat(TODAY - age * DAY, len(serials))
    values = np.full((len(serials), 2), age if value == -1 else value, dtype=float)
    writer.add(dates, kept(serials, values, (5, 187)))
    writer.commit()


def joined(store: FolderSnapshotStore, *serials: str) -> dict[int, list[int]]:
    """Ages of what was found, by window."""
    found = History(store, (5, 187), WINDOWS)
    earlier, ages, _ = found.join(
        np.repeat(TODAY, len(serials)), pa.array(serials), hashes_of([MODEL] * len(serials))
    )
    for days, values in earlier.items():
        expected = [age or np.nan for age in ages[days].tolist()]
        np.testing.assert_equal(values[:, 0], expected)
    return {days: found.tolist() for days, found in ages.items()}


@pytest.mark.parametrize(
    ("ages", "week", "month"),
    [
        ((7, 28), 7, 28),
        ((6, 8), 6, 0),
        ((8, 9), 8, 0),
        ((5,), 5, 0),
        ((10,), 10, 0),
        ((4, 11), 0, 0),
        ((20, 36), 0, 0),
        ((21,), 0, 21),
        ((35,), 0, 35),
        ((27, 29), 0, 27),
        ((22, 33), 0, 33),
        ((21, 35), 0, 21),
        ((1, 2, 3), 0, 0),
    ],
)
def test_the_nearest_day_of_each_window(
    store: CountingStore, ages: tuple[int, ...], week: int, month: int
) -> None:
    for age in ages:
        put(store, age, "A")
    assert joined(store, "A") == {7: [week], 28: [month]}


def test_drives_that_were_not_there(store: CountingStore) -> None:
    put(store, 7, "A")
    put(store, 8, "B")  # not looked at: the nearest day counts for all
    assert joined(store, "A", "B") == {7: [7, 0], 28: [0, 0]}


def test_a_drive_that_reported_nothing_has_no_history(store: CountingStore) -> None:
    put(store, 7, "A", value=np.nan)
    assert joined(store, "A") == {7: [0], 28: [0]}


def test_the_own_source_is_passed_over_for_the_next_day(store: CountingStore) -> None:
    put(store, 7, "A", source="day.csv\n1")
    put(store, 9, "A")
    assert joined(store, "A") == {7: [7], 28: [0]}
    own = made_for(store, "day.csv", "1")
    assert isinstance(own, FolderSnapshotStore)
    assert joined(own, "A") == {7: [9], 28: [0]}


def test_several_files_of_a_day(store: CountingStore) -> None:
    put(store, 7, "A", name="site-1")
    put(store, 7, "B", name="site-2")
    assert joined(store, "A", "B", "C")[7] == [7, 7, 0]


def test_several_dates_in_a_block(store: CountingStore) -> None:
    put(store, 7, "A", "B")
    put(store, 0, "A", value=99)
    found = History(store, (187,), WINDOWS)
    dates = np.array([TODAY, TODAY + 7 * DAY, TODAY + 2 * DAY, TODAY])
    earlier, ages, _ = found.join(dates, pa.array(["A", "A", "B", "nobody"]), hashes_of([MODEL] * 4))
    assert ages[7].tolist() == [7, 7, 9, 0]
    np.testing.assert_equal(earlier[7], [[7], [99], [7], [np.nan]])
    assert found.used == {"2018-02-22", "2018-03-01"}


def test_no_rows(store: CountingStore) -> None:
    earlier, ages, _ = History(store, (5,), WINDOWS).join(
        np.array([], dtype="datetime64[D]"), pa.array([], pa.string()), hashes_of([])
    )
    assert earlier == {}
    assert {days: age.shape for days, age in ages.items()} == {7: (0,), 28: (0,)}


def test_a_window_without_a_snapshot_is_left_out(store: CountingStore) -> None:
    put(store, 7, "A")
    earlier, ages, _ = History(store, (5,), WINDOWS).join(
        np.array([TODAY]), pa.array(["B"]), hashes_of([MODEL])
    )
    assert earlier.keys() == {7}
    assert {days: age.tolist() for days, age in ages.items()} == {7: [0], 28: [0]}


def test_a_snapshot_is_read_once(store: CountingStore) -> None:
    put(store, 7, "A")
    found = History(store, (5,), WINDOWS)
    for _ in range(3):
        found.join(np.array([TODAY]), pa.array(["A"]), hashes_of([MODEL]))
    assert store.loads == ["2018-02-22/day"]


class ExpiringStore(FolderSnapshotStore):
    """A folder from which a lifecycle rule deletes a day between its listing and its reading."""

    def __init__(self, folder: Path, expiring: dt.date) -> None:
        super().__init__(folder)
        self._folder_of_day = folder / expiring.isoformat()

    def load(self, day: dt.date, name: str) -> bytes | None:
        shutil.rmtree(self._folder_of_day, ignore_errors=True)
        return super().load(day, name)


@pytest.mark.parametrize(("others", "week"), [((), 0), ((9,), 9)])
def test_a_snapshot_that_expires_while_it_is_looked_for_is_no_history(
    tmp_path: Path, others: tuple[int, ...], week: int
) -> None:
    store = ExpiringStore(tmp_path, (TODAY - 7 * DAY).item())
    for age in (7, *others):
        put(store, age, "A")
    assert joined(store, "A") == {7: [week], 28: [0]}


def test_of_a_day_that_expires_in_part_the_rest_counts(store: CountingStore, tmp_path: Path) -> None:
    put(store, 7, "A", name="site-1")
    put(store, 7, "B", name="site-2")
    path = tmp_path / "2018-02-22" / "site-1.arrow"
    versions = store.versions

    def listed_then_gone(day: dt.date) -> dict[str, str]:
        found = versions(day)
        path.unlink(missing_ok=True)
        return found

    store.versions = listed_then_gone  # type: ignore[method-assign]
    assert joined(store, "A", "B")[7] == [0, 7]


@pytest.mark.parametrize("content", [b"", b"junk", b"ARROW1\0\0" + bytes(40)])
def test_a_damaged_snapshot_is_said(tmp_path: Path, engine: CsvEngine, content: bytes) -> None:
    store = FolderSnapshotStore(tmp_path)
    with store.create(dt.date(2014, 1, 18), "monday") as sink:
        sink.write(content)
    with pytest.raises(SnapshotError, match=r"2014-01-18/monday\.arrow"):
        score(engine, table([row()]), store=store)


def test_an_arrow_file_of_something_else_is_said(tmp_path: Path, engine: CsvEngine) -> None:
    store = FolderSnapshotStore(tmp_path)
    other = pa.table({"x": [1]})
    with store.create(dt.date(2014, 1, 18), "day") as sink, pa.ipc.new_file(sink, other.schema) as file:
        file.write_table(other)
    with pytest.raises(SnapshotError, match=r"2014-01-18/day\.arrow"):
        score(engine, table([row()]), store=store)


def test_through_the_engine(tmp_path: Path, engine: CsvEngine) -> None:
    store = FolderSnapshotStore(tmp_path)
    first = score(
        engine, table([row("A", "2014-01-18", smart_187_raw=2), row("B", "2014-01-18")]), store=store
    )
    assert first.summary["history"]["snapshots_written"] == ["2014-01-18/day"]
    later = table([row("A", smart_187_raw=30, smart_5_raw=60), row("C", smart_187_raw=30)])
    run = score(engine, later, name="site/next.csv.gz", store=store)
    known, new = run.rows()
    assert (known["history_days"], new["history_days"]) == ("7", "0")
    assert "Uncorrectable errors reported to the host rose from 2 to 30 in 7 days" in known.values()
    assert run.summary["history"] == {
        "rows_with_history": 1,
        "days_joined": ["2014-01-18"],
        "snapshots_written": ["2014-01-25/site/next"],
    }
    again = score(engine, later, name="site/next.csv.gz", store=store)
    assert again == run


def test_a_file_of_several_days_is_no_history_of_itself(tmp_path: Path, engine: CsvEngine) -> None:
    store = FolderSnapshotStore(tmp_path)
    data = table([row("A", "2014-01-18", smart_5_raw=1), row("A", "2014-01-25", smart_5_raw=9)])
    runs = [score(engine, data, store=store) for _ in range(2)]
    assert runs[0] == runs[1]
    assert {line["history_days"] for line in runs[1].rows()} == {"0"}
