from __future__ import annotations

import datetime as dt
import hashlib
import time
from pathlib import Path

import polars as pl
import pytest

from training.__main__ import main
from training.commands import simulate as room
from training.commands.simulate import simulate
from training.errors import SimulationError
from training.telemetry.data import read_with_report

JUNE_1 = dt.date(2025, 6, 1)


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_command_writes_day_files_and_says_they_are_simulated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--drives", "300", "--days", "3", "--seed", "4", "--start", "2025-12-30"]
    assert main(["simulate", *arguments, "--output", str(tmp_path / "new" / "fleet")]) == 0
    written = sorted(path.name for path in (tmp_path / "new" / "fleet").iterdir())
    assert written == ["2025-12-30.csv", "2025-12-31.csv", "2026-01-01.csv"]
    printed = capsys.readouterr().out
    assert "simulated 300 drives (seed 4)" in printed
    assert "3 files" in printed
    assert "never evidence" in printed


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    for name, seed in [("a", 1), ("b", 1), ("c", 2)]:
        simulate(tmp_path / name, drives=500, days=2, seed=seed, start=JUNE_1)
    assert digests(tmp_path / "a") == digests(tmp_path / "b") != digests(tmp_path / "c")


def test_the_bytes_are_those_of_this_release(tmp_path: Path) -> None:
    """Change this digest only on purpose: demos and golden files are made from this fleet."""
    simulate(tmp_path, drives=200, days=1, seed=1, start=JUNE_1)
    assert digests(tmp_path) == {
        "2025-06-01.csv": "e1ac0650a6b71b559c251ee30e44817d01e146de969ab3bb46e6795ef2dadd5b"
    }


def test_more_days_and_blocks_made_anew_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate(tmp_path / "short", drives=400, days=2, seed=1, start=JUNE_1)
    monkeypatch.setattr(room, "_KEPT_BLOCKS", 0)
    simulate(tmp_path / "long", drives=400, days=4, seed=1, start=JUNE_1)
    long = digests(tmp_path / "long")
    assert len(long) == 4
    assert digests(tmp_path / "short").items() <= long.items()


@pytest.mark.slow
def test_training_reads_what_is_simulated(tmp_path: Path) -> None:
    simulate(tmp_path, drives=3000, days=40, seed=1, start=JUNE_1, failure_rate=1.0)
    frame, report = read_with_report([tmp_path], [5, 9, 187, 197])
    assert (report.files, report.unidentified, report.duplicates) == (40, 0, 0)
    assert frame.filter(pl.col("date") == JUNE_1).height == 3000
    failures = frame.filter(pl.col("failure") == 1)
    assert 200 < failures.height == failures["serial_number"].n_unique() < 420
    ends = frame.group_by("serial_number").agg(pl.col("date").max(), pl.col("failure").sum())
    last = failures.join(ends, on="serial_number")
    assert (last["date"] == last["date_right"]).all()
    failing = failures.filter(
        pl.any_horizontal(pl.col("smart_5_raw", "smart_187_raw", "smart_197_raw") > 0)
    ).height
    healthy = frame.filter(pl.col("failure") == 0)
    signs = healthy.filter(
        pl.any_horizontal(pl.col("smart_5_raw", "smart_187_raw", "smart_197_raw") > 0)
    ).height
    assert 0.4 < failing / failures.height < 0.7
    assert signs / healthy.height < 0.15


@pytest.mark.parametrize(
    "arguments",
    [
        ["--drives", "0"],
        ["--days", "-1"],
        ["--drives", "many"],
        ["--seed", "-1"],
        ["--start", "1.6.2025"],
        ["--failure-rate", "-1"],
        ["--failure-rate", "nan"],
    ],
)
def test_wrong_usage_exits_2(
    tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", "--output", str(tmp_path), *arguments]) == 2
    assert f"argument {arguments[0]}" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_done_is_one_line_and_exits_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = tmp_path / "taken"
    taken.touch()
    assert main(["simulate", "--output", str(taken)]) == 1
    assert capsys.readouterr().err == f"error: --output {taken} is a file; name a folder\n"
    assert main(["simulate", "--output", str(taken / "below")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    with pytest.raises(SimulationError, match="9999-12-31"):
        simulate(tmp_path, drives=1, days=3, seed=1, start=dt.date(9999, 12, 30))


@pytest.mark.slow
def test_300_000_drives_take_seconds(tmp_path: Path) -> None:
    started = time.process_time()
    (count,) = simulate(tmp_path, drives=300_000, days=1, seed=1, start=JUNE_1).values()
    assert count.rows == 300_000
    assert time.process_time() - started < 15
