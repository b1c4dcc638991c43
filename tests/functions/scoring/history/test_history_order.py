"""What history promises whatever the order in which days arrive, which are missing and how they are filed.

A file is scored against the snapshots that are there. So its outputs are the same in every order in which the
same snapshots are there when it is scored: in date order at once, in any other order the second time.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.history.folder_store import FolderSnapshotStore
from functions.scoring.history.lookup import join_parts, read_part
from functions.scoring.model.features import WINDOWS
from tests.support.drives import Scored, row, score, table

pytestmark = pytest.mark.slow

START = dt.date(2014, 1, 1)
DRIVES = ("A", "B", "C", "D")

some_days = st.sets(st.integers(0, 45), min_size=1, max_size=14).map(sorted)


@st.composite
def days_in_two_orders(draw: st.DrawFn) -> tuple[list[int], list[int], list[int]]:
    days = draw(some_days)
    return days, draw(st.permutations(days)), draw(st.permutations(days))


@st.composite
def days_in_files(draw: st.DrawFn) -> list[list[int]]:
    """Days cut into files, the earliest first, a few days a file."""
    days = draw(some_days)
    cuts = draw(st.lists(st.booleans(), min_size=len(days), max_size=len(days)))
    files: list[list[int]] = [[]]
    for day, cut in zip(days, cuts, strict=True):
        if cut and files[-1]:
            files.append([])
        files[-1].append(day)
    return files


def date(day: int) -> dt.date:
    return START + dt.timedelta(days=day)


def there(day: int) -> list[str]:
    """Drives that report on a day: A always, the others with gaps and ends."""
    present = {"A": True, "B": day % 3 != 0, "C": day < 30, "D": day > 10}
    return [serial for serial in DRIVES if present[serial]]


def lines(day: int) -> list[str]:
    """Write the rows of a day: counters that grow, differently for each drive."""
    return [
        row(serial, date(day).isoformat(), smart_5_raw=day * pace, smart_187_raw=day // (5 - pace))
        for pace, serial in enumerate(DRIVES, start=1)
        if serial in there(day)
    ]


def score_day(engine: CsvEngine, day: int, history: Path) -> Scored:
    return score(engine, table(lines(day)), name=f"{date(day)}.csv", store=FolderSnapshotStore(history))


def score_days(engine: CsvEngine, days: Iterable[int], history: Path) -> dict[int, Scored]:
    return {day: score_day(engine, day, history) for day in days}


def snapshots(history: Path) -> dict[str, bytes]:
    return {str(path.relative_to(history)): path.read_bytes() for path in history.rglob("*.arrow")}


def nearest(day: int, days: Iterable[int], window: int) -> int | None:
    """The definition, said otherwise than the engine says it: the day of a window that serves a row."""
    near, far = {w.days: (w.nearest, w.farthest) for w in WINDOWS}[window]
    ages = {day - earlier for earlier in days if near <= day - earlier <= far}
    return day - min(ages, key=lambda age: (abs(age - window), age)) if ages else None


def check_history(scored: Scored, day: int, days: Sequence[int]) -> None:
    """Hold a day's outputs against the days whose snapshots were there."""
    joined = {window: nearest(day, days, window) for window in (7, 28)}
    used = sorted(date(found).isoformat() for found in joined.values() if found is not None)
    assert scored.summary["history"]["days_joined"] == used
    for line in scored.rows():
        found = [e for e in joined.values() if e is not None and line["serial_number"] in there(e)]
        assert int(line["history_days"]) == max((day - earlier for earlier in found), default=0)


def without_line(scored: Scored, day: int) -> list[dict[str, str]]:
    """Rows of one day, without where they stood in their file."""
    rows = [line for line in scored.rows() if line["date"] == date(day).isoformat()]
    return [{name: value for name, value in line.items() if name != "line"} for line in rows]


@settings(max_examples=25)
@given(days_in_two_orders())
@example(([0, 7, 14, 28, 35], [35, 28, 14, 7, 0], [14, 0, 35, 28, 7]))
def test_days_in_any_order_come_out_as_in_order_once_all_have_been_scored(
    engine: CsvEngine, orders: tuple[list[int], list[int], list[int]]
) -> None:
    days, first, second = orders
    with tempfile.TemporaryDirectory() as folder:
        one, other = Path(folder, "in-order"), Path(folder, "any-order")
        expected = score_days(engine, days, one)
        for day in days:
            check_history(expected[day], day, [earlier for earlier in days if earlier < day])
        done: list[int] = []
        for day in first:
            check_history(score_day(engine, day, other), day, done)
            done.append(day)
        assert snapshots(other) == snapshots(one)
        assert score_days(engine, second, other) == expected
        assert snapshots(other) == snapshots(one)


@settings(max_examples=25)
@given(days_in_files())
@example([[0, 1, 2, 3, 4], [7, 8], [28, 29, 35]])
@example([[0, 7, 28, 35]])
def test_a_file_of_several_days_is_scored_as_one_file_a_day(
    engine: CsvEngine, files: list[list[int]]
) -> None:
    """Each row joins by its own date: what it finds in other files, never in its own."""
    with tempfile.TemporaryDirectory() as folder:
        history = Path(folder, "history")
        store = FolderSnapshotStore(history)
        for days in files:
            apart = Path(folder, "apart")
            expected = {}
            for day in days:
                shutil.rmtree(apart, ignore_errors=True)
                if history.is_dir():
                    shutil.copytree(history, apart)
                expected[day] = score_day(engine, day, apart)
            whole = table([line for day in days for line in lines(day)])
            together = score(engine, whole, name=f"{date(days[0])}-on.csv", store=store)
            for day in days:
                assert without_line(together, day) == without_line(expected[day], day)
            names = together.summary["history"]["snapshots_written"]
            assert names == [f"{date(day)}/{date(days[0])}-on" for day in days]
            assert together == score(engine, whole, name=f"{date(days[0])}-on.csv", store=store)


@settings(max_examples=25)
@given(days_in_files())
def test_a_file_of_a_few_days_gives_later_days_the_same_history(
    engine: CsvEngine, files: list[list[int]]
) -> None:
    """Files whose days lie less than a window apart: nothing tells them from one file a day."""
    files = [[day for day in days if day - days[0] < min(w.nearest for w in WINDOWS)] for days in files]
    with tempfile.TemporaryDirectory() as folder:
        one, other = Path(folder, "a-day-a-file"), Path(folder, "days-together")
        for days in files:
            expected = score_days(engine, days, one)
            whole = table([line for day in days for line in lines(day)])
            together = score(engine, whole, name=f"{days[0]}.csv", store=FolderSnapshotStore(other))
            for day in days:
                assert without_line(together, day) == without_line(expected[day], day)
                assert drives(one, day) == drives(other, day)


def drives(history: Path, day: int) -> dict[bytes, list[float]]:
    """Read what a later day finds of this one."""
    store = FolderSnapshotStore(history)
    files = [store.load(date(day), name) for name in store.versions(date(day))]
    found = join_parts([read_part(content, (5, 187)) for content in files if content])
    assert found is not None
    return dict(zip(found.serials.tolist(), found.counters.tolist(), strict=True))
