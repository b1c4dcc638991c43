"""What is entered of a file becomes visible as a whole or not at all."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest

from functions.errors import TelemetryFileError
from functions.scoring.csv.blocks import line_blocks
from functions.scoring.engine import pipeline
from functions.scoring.engine.file_ledger import FileLedger, RepeatedSerialsError
from functions.scoring.engine.range_result import RangeRows
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.history import snapshots
from functions.scoring.history.folder_store import FolderSnapshotStore
from functions.scoring.history.snapshots import SNAPSHOT_ATTRIBUTES
from functions.scoring.model.onnx_model import Model
from functions.scoring.model.scorer import Scorer
from functions.scoring.report.tally import Source, Tally
from tests.support.drives import row, table
from tests.support.in_ranges import score_in_ranges
from tests.support.snapshots import kept as kept_rows

SOURCE = Source("day.csv", "1", 100)
DAYS = [dt.date(2014, 1, 25), dt.date(2014, 1, 26)]


class FullStore(FolderSnapshotStore):
    """Fails when the first snapshot is complete."""

    @contextmanager
    def create(self, day: dt.date, name: str) -> Iterator[BinaryIO]:
        with super().create(day, name) as sink:
            yield sink
            if day == DAYS[-1]:
                raise OSError(28, "No space left on device")


def rows(*serials: str) -> RangeRows:
    """Rows of drives on both days."""
    count = 2 * len(serials)
    kept = kept_rows(serials * 2, np.ones((count, len(SNAPSHOT_ATTRIBUTES))), SNAPSHOT_ATTRIBUTES)
    dates = np.repeat(np.array(DAYS, dtype="datetime64[D]"), len(serials))
    return RangeRows(np.arange(2, 2 + count), dates, kept)


def close(ledger: FileLedger, models: Path, given: RangeRows, tally: Tally | None = None) -> list[str]:
    """Enter rows and close; return the snapshots written."""
    with ledger:
        ledger.enter(given, given.kept)
        summary = ledger.close(tally or Tally(), lambda: [given], Model.load(models).manifest, [])
    written: list[str] = summary["history"]["snapshots_written"]
    return written


def visible(folder: Path) -> list[str]:
    """What is in a folder of history, complete or not."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_every_date_has_a_snapshot_when_it_is_closed(tmp_path: Path, small_models: Path) -> None:
    ledger = FileLedger(SOURCE, FolderSnapshotStore(tmp_path), compare=True)
    names = [f"{day}/day" for day in DAYS]
    assert close(ledger, small_models, rows("A", "B")) == names
    assert visible(tmp_path) == [f"{name}.arrow" for name in names]


def test_nothing_is_visible_of_a_file_that_cannot_be_scored(tmp_path: Path, small_models: Path) -> None:
    ledger = FileLedger(SOURCE, FolderSnapshotStore(tmp_path), compare=True)
    with pytest.raises(TelemetryFileError, match=r"\b3 of 3\b"):
        close(ledger, small_models, rows("A"), Tally(lines=3, rejects={"bad_date": 3}))
    assert visible(tmp_path) == []


def test_nothing_is_visible_of_a_file_with_repeated_drives(tmp_path: Path, small_models: Path) -> None:
    ledger = FileLedger(SOURCE, FolderSnapshotStore(tmp_path), compare=True)
    with pytest.raises(RepeatedSerialsError) as repeated:
        close(ledger, small_models, rows("A", "B", "A"))
    assert repeated.value.repeated.lines.tolist() == [2, 5]
    assert visible(tmp_path) == []
    again = FileLedger(SOURCE, FolderSnapshotStore(tmp_path), compare=False)
    assert len(close(again, small_models, rows("A", "B", "A"))) == len(DAYS)


def test_what_is_left_when_a_snapshot_fails_at_the_end(tmp_path: Path, small_models: Path) -> None:
    with pytest.raises(OSError, match=r"Errno 28"):
        close(FileLedger(SOURCE, FullStore(tmp_path), compare=True), small_models, rows("A"))
    assert visible(tmp_path) == []


def test_too_many_dates_are_said_when_all_lines_have_been_counted(
    scorer: Scorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one piece as in ranges, whose lines have been counted by then."""
    monkeypatch.setattr(snapshots, "MAX_DATES", 3)
    monkeypatch.setattr(pipeline, "line_blocks", partial(line_blocks, block_bytes=2_000))
    dates = [f"2014-01-{day:02}" for day in range(1, 31)]
    data = table(row(f"S{number}", date) for date in dates for number in range(30))
    tally = Tally()
    with pytest.raises(TelemetryFileError, match=r"\b3 dates\b"):
        CsvEngine(scorer).score(
            [data], SOURCE, io.BytesIO(), io.BytesIO(), FolderSnapshotStore(tmp_path), tally
        )
    assert (tally.accepted, len(tally.dates)) == (900, 30)
    assert visible(tmp_path) == []
    with pytest.raises(TelemetryFileError, match=r"\b3 dates\b"):
        score_in_ranges(scorer, data, 20_000, store=FolderSnapshotStore(tmp_path))
