"""A drive is model and serial number, also where snapshots know it by its serial number alone."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise, product
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.csv.duplicates import NONE, DuplicateFinder, RepeatedSerials, repeated_serials
from functions.scoring.csv.parser import Rows
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.history.folder_store import FolderSnapshotStore
from functions.scoring.history.join import History
from functions.scoring.history.snapshots import SnapshotWriter
from functions.scoring.model.features import WINDOWS
from functions.scoring.model.scorer import Scorer
from tests.functions.scoring.engine.test_merge import same
from tests.functions.scoring.history.test_join import DAY, TODAY
from tests.support.drives import WORN, row, score, table
from tests.support.in_ranges import score_in_ranges
from tests.support.snapshots import forget_models, hashes_of, kept

X, Y = "ST4000DM000", "HGST HDN726060ALE614"

drives = st.tuples(st.sampled_from("ABC"), st.sampled_from([X, Y]))
rows_of_days = st.lists(st.tuples(drives, st.integers(0, 3)), min_size=1, max_size=24, unique=True)
kept_days = st.lists(st.tuples(drives, st.integers(-36, 3)), max_size=40)


def write(folder: Path, name: str, days: list[tuple[tuple[str, str], int]], first: float) -> None:
    """Write a file's snapshots; values count up."""
    writer = SnapshotWriter(FolderSnapshotStore(folder), name, name)
    values = first + np.arange(float(len(days)))[:, np.newaxis]
    serials, models = ([drive[part] for drive, _ in days] for part in (0, 1))
    writer.add(TODAY + np.array([day for _, day in days]) * DAY, kept(serials, values, (5,), models))
    writer.commit()


def parsed(days: list[tuple[tuple[str, str], int]]) -> Rows:
    serials, models = (pa.array([drive[part] for drive, _ in days]) for part in (0, 1))
    dates = TODAY + np.array([day for _, day in days]) * DAY
    return Rows(np.arange(2, 2 + len(days)), dates, serials, models, np.zeros((len(days), 1)))


def repeated_in(rows: Rows) -> RepeatedSerials:
    with DuplicateFinder() as finder:
        finder.add(rows)
        return repeated_serials([rows], finder.suspects())


@given(rows=rows_of_days, new=kept_days, old=kept_days, cuts=st.lists(st.integers(1, 23), max_size=3))
def test_history_is_what_dicts_would_find(
    rows: list[tuple[tuple[str, str], int]],
    new: list[tuple[tuple[str, str], int]],
    old: list[tuple[tuple[str, str], int]],
    cuts: list[int],
) -> None:
    """Snapshots with and without models on the same days, and rows cut anyhow."""
    by_drive: dict[int, dict[tuple[str, str], float]] = {}
    by_serial: dict[int, dict[str, float]] = {}
    for value, (drive, day) in enumerate(new, start=100):
        by_drive.setdefault(day, {})[drive] = value
    for value, ((serial, _), day) in enumerate(old):
        by_serial.setdefault(day, {})[serial] = value
    on_a_day = [(serial, day) for (serial, _), day in rows]
    shared = {serial for serial, day in on_a_day if on_a_day.count((serial, day)) > 1}

    def expected(drive: tuple[str, str], day: int, ages: list[int]) -> tuple[float, int]:
        for age in ages:
            if (found := day - age) in by_drive.keys() | by_serial.keys():
                other = np.nan if drive[0] in shared else by_serial.get(found, {}).get(drive[0], np.nan)
                value = by_drive.get(found, {}).get(drive, other)
                return value, 0 if np.isnan(value) else age
        return np.nan, 0

    with TemporaryDirectory() as name:
        folder = Path(name)
        if old:
            write(folder, "old", old, 0)
            forget_models(folder)
        if new:
            write(folder, "new", new, 100)
        whole = parsed(rows)
        history = History(FolderSnapshotStore(folder), (5,), WINDOWS, repeated_in(whole).shared)
        at = sorted({0, len(rows), *(cut for cut in cuts if cut < len(rows))})
        for start, end in pairwise(at):
            part = parsed(rows[start:end])
            found = history.join(part.dates, part.serials, part.model_hashes)
            for window in WINDOWS:
                values, ages = zip(
                    *(expected(drive, day, [*window.ages()]) for drive, day in rows[start:end]), strict=True
                )
                nothing = np.full((end - start, 1), np.nan)
                np.testing.assert_equal(found.earlier.get(window.days, nothing)[:, 0], values)
                assert found.ages[window.days].tolist() == [*ages]


def fleet(folder: Path, engine: CsvEngine, serials: list[str], date: str) -> FolderSnapshotStore:
    """Write the snapshot of some drives a week before a date, without their models."""
    earlier = (dt.date.fromisoformat(date) - dt.timedelta(days=7)).isoformat()
    store = FolderSnapshotStore(folder)
    lines = [row(serial, earlier, smart_5_raw=number % 7) for number, serial in enumerate(serials)]
    score(engine, table(lines), name="earlier.csv", store=store)
    forget_models(folder)
    return store


def test_only_drives_that_share_a_serial_number_lose_their_old_history(
    scorer: Scorer, engine: CsvEngine, tmp_path: Path
) -> None:
    """In one piece and in ranges, whichever range the other drive is in, and with a line that is repeated."""
    serials = [f"S{number:04d}" for number in range(300)]
    store = fleet(tmp_path, engine, serials, "2022-03-08")
    lines = [row(serial, "2022-03-08", **WORN) for serial in serials]
    alone = score(engine, table(lines), store=store)
    assert {line["history_days"] for line in alone.rows()} == {"7"}

    shared = [*lines, row("S0005", "2022-03-08", Y, **WORN)]
    found = score(engine, table(shared), store=store)
    assert [line["serial_number"] for line in found.rows() if line["history_days"] == "0"] == ["S0005"] * 2
    assert found.summary["lines"] == {"data": 301, "accepted": 301, "rejected": 0}
    for range_bytes in (700, 5_000, 15_000):
        same(score_in_ranges(scorer, table(shared), range_bytes, store=store), found)

    twice = [lines[9], *shared]
    found = score(engine, table(twice), store=store)
    assert found.summary["lines"] == {"data": 302, "accepted": 301, "rejected": 1}
    assert [line["serial_number"] for line in found.rows() if line["history_days"] == "0"] == ["S0005"] * 2
    same(score_in_ranges(scorer, table(twice), 5_000, store=store), found)


def test_drives_of_one_serial_number_have_histories_of_their_own(engine: CsvEngine, tmp_path: Path) -> None:
    store = FolderSnapshotStore(tmp_path)
    earlier = [row("A", "2022-05-01", X, smart_5_raw=0), row("A", "2022-05-01", Y, smart_5_raw=40)]
    score(engine, table(earlier), name="earlier.csv", store=store)
    later = [row("A", "2022-05-08", model, smart_5_raw=48, smart_197_raw=40) for model in (X, Y, "Z")]
    first, second, third = score(engine, table(later), store=store).rows()
    assert [line["history_days"] for line in (first, second, third)] == ["7", "7", "0"]
    assert len({line["probability"] for line in (first, second, third)}) == 3


def test_a_file_is_not_scored_again_for_what_its_drives_share(
    engine: CsvEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as no row was joined by a serial number alone."""
    made = []
    init = History.__init__

    def counted(self: History, *arguments: object) -> None:
        made.append(arguments)
        init(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(History, "__init__", counted)
    store = fleet(tmp_path, engine, ["A", "B"], "2022-06-08")
    for lines, times in (
        ([("A", X), ("B", X)], 1),
        ([("C", X), ("C", Y)], 1),
        ([("C", X), ("C", Y), ("A", X)], 2),
    ):
        made.clear()
        data = table([row(serial, "2022-06-08", model) for serial, model in lines])
        score(engine, data, name=f"{len(lines)}.csv", store=store)
        assert len(made) == times


MODELS = ["ST6000DM003", "HGST HDN726060ALE614", "WDC WD60EFRX"]


@pytest.mark.parametrize("worst", [0, 1, 2])
def test_drives_behind_one_bridge_are_all_scored(scorer: Scorer, engine: CsvEngine, worst: int) -> None:
    lines = [
        row("152D00539000", "2024-01-01", model, **(WORN if number == worst else {}))
        for number, model in enumerate(MODELS)
    ]
    data = table([*lines, row("ZA1000001", "2024-01-01", "ST8000NM0055")])
    found = score(engine, data)
    assert found.summary["lines"] == {"data": 4, "accepted": 4, "rejected": 0}
    assert [line["model"] for line in found.rows()] == [*MODELS, "ST8000NM0055"]
    assert found.summary["worst"][0]["model"] == MODELS[worst]
    for range_bytes, models in product((100, 180), ([], [MODELS[0]])):
        again = table([*lines, *(row("152D00539000", "2024-01-01", model) for model in models)])
        in_one = score(engine, again)
        assert in_one.summary["lines"]["rejected"] == len(models)
        same(score_in_ranges(scorer, again, range_bytes), in_one)


def test_nothing_is_repeated_or_shared_in_a_file_without_rows() -> None:
    assert repeated_in(parsed([(("A", X), 0)])) is NONE
    assert len(hashes_of([])) == 0
