"""Scoring 60 days of a fleet in order, then again, changes nothing: real drives, the served model."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from functions import score
from functions.output_folder import BEGINNINGS
from functions.scoring.model.manifest import CHAMPION
from tests.real_data import ST4000DM000, needs_real_data
from tests.support.running_app import PROJECT

FIRST = dt.date(2018, 3, 1)
DAYS = 64
DRIVES = 400


def sample() -> pl.DataFrame:
    """Drives on 64 days in a row, some of them failing or leaving on the way, as they were published."""
    scan = pl.scan_parquet(ST4000DM000).filter(
        pl.col("date").is_between(FIRST, FIRST + dt.timedelta(days=DAYS - 1))
    )
    failing = scan.filter(pl.col("failure") == 1).select("serial_number").collect()["serial_number"].sort()
    everyone = scan.select("serial_number").unique().collect()["serial_number"].sort()
    others = everyone.gather_every(len(everyone) // (DRIVES - 100))
    chosen = pl.concat([failing.gather_every(max(1, len(failing) // 100)), others]).unique()
    # In the file's own order, which is not the serial numbers'.
    return scan.filter(pl.col("serial_number").is_in(chosen.to_list())).collect()


def contents(folder: Path) -> dict[str, str]:
    """Digests of everything in a folder, by path."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def expected_history(frame: pl.DataFrame) -> dict[tuple[str, str], int]:
    """Age of the oldest earlier day of each drive-day: the days are in a row, so 28, else 7, else none."""
    there = set(zip(frame["serial_number"], frame["date"], strict=True))
    days = sorted(set(frame["date"]))
    assert days == [FIRST + dt.timedelta(days=number) for number in range(DAYS)]

    def oldest(serial: str, day: dt.date) -> int:
        # The first weeks have the farther window's nearer ages only: 21, then 22, ... until 28 is reached.
        for nearest, ages in ((28, range(28, 20, -1)), (7, range(7, 4, -1))):
            age = next((age for age in ages if day - dt.timedelta(days=age) >= FIRST), None)
            if age is not None and (serial, day - dt.timedelta(days=age)) in there:
                assert age <= nearest
                return age
        return 0

    return {(serial, day.isoformat()): oldest(serial, day) for serial, day in there}


@needs_real_data
@pytest.mark.slow
def test_scoring_sixty_days_in_order_then_again_changes_nothing(tmp_path: Path) -> None:
    frame = sample()
    assert frame["serial_number"].n_unique() >= DRIVES * 0.9
    telemetry, output, history = (tmp_path / name for name in ("telemetry", "predictions", "history"))
    telemetry.mkdir()
    files = []
    for (day,), rows in frame.sort("date", maintain_order=True).group_by("date", maintain_order=True):
        path = telemetry / f"{day}.csv"
        rows.write_csv(path)
        files.append(str(path))
    assert files == sorted(files)
    assert len(files) == DAYS
    where = ["--output", str(output), "--history", str(history), "--model", CHAMPION]

    assert score.main([*files, *where]) == 0
    first = contents(output), contents(history)
    assert len(first[0]) == len(BEGINNINGS) * DAYS
    assert len(first[1]) == DAYS

    # Again, in order: every day now has later days beside it, and must not look at them.
    assert score.main([*files, *where]) == 0
    assert (contents(output), contents(history)) == first

    # And in any order, in another process, on one thread.
    random.Random(60).shuffle(files)
    again = [sys.executable, "-m", "functions.score", *files, *where, "--threads", "1"]
    subprocess.run(again, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
    assert (contents(output), contents(history)) == first

    seen = {}
    for path in output.glob("????-??-??.csv"):
        with path.open(newline="") as lines:
            for row in csv.DictReader(lines):
                seen[row["serial_number"], row["date"]] = int(row["history_days"])
    assert seen == expected_history(frame)
    ages = Counter(seen.values())
    assert ages[28] > len(seen) / 2
    assert ages[7] > 15 * DRIVES / 2
    assert ages[0] >= 5 * DRIVES * 0.9
