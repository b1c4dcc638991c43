from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from collector.errors import BusyError, ConfigurationError
from collector.files import only_run_in, remove_unfinished
from collector.telemetry import day_file
from collector.telemetry.day_csv import read_csv
from collector.telemetry.day_file import append_day, write_day
from collector.telemetry.day_folder import KEPT_DAYS, csv_so_far, json_so_far
from tests.support.running_app import PROJECT


def row(serial: str, date: str = "2026-11-30") -> dict[str, str]:
    return {"date": date, "serial_number": serial, "model": "M", "smart_5_raw": "1"}


def serials(path: Path) -> list[str]:
    return [each["serial_number"] for each in read_csv(path.read_bytes(), str(path)).rows]


def test_written_anew_and_added_to(tmp_path: Path) -> None:
    path = tmp_path / "new" / "day.csv"
    assert append_day(path, [row("A")]) == path.read_bytes()
    append_day(path, [row("B"), row("A")])
    assert serials(path) == ["A", "B"]
    write_day(path, [row("C")])
    assert serials(path) == ["C"]
    assert [each.name for each in path.parent.iterdir()] == ["day.csv"]


def test_mode_and_link_stay(tmp_path: Path) -> None:
    path, link = tmp_path / "day.csv", tmp_path / "link.csv"
    path.touch(0o600)
    link.symlink_to(path)
    append_day(link, [row("A")])
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o600
    assert serials(path) == ["A"]


def test_a_file_that_is_no_telemetry_stays(tmp_path: Path) -> None:
    path = tmp_path / "notes.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(ConfigurationError):
        append_day(path, [row("A")])
    assert path.read_text() == "a,b\n1,2\n"


def test_a_disk_that_refuses(tmp_path: Path) -> None:
    (tmp_path / "day.csv").mkdir()
    with pytest.raises(ConfigurationError, match=r"day\.csv"):
        append_day(tmp_path / "day.csv", [row("A")])
    with pytest.raises(ConfigurationError):
        append_day(Path("/proc/nowhere/day.csv"), [row("A")])


def test_writers_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "day.csv"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: append_day(path, [row(f"S{number:02}")]), range(24)))
    assert sorted(serials(path)) == [f"S{number:02}" for number in range(24)]


def test_a_folder_that_another_run_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(day_file, "LOCK_SECONDS", 0.2)
    with only_run_in(tmp_path, 0), pytest.raises(BusyError):
        append_day(tmp_path / "day.csv", [row("A")])
    append_day(tmp_path / "day.csv", [row("A")])


APPENDING = """
import itertools, sys
from pathlib import Path
from collector.telemetry.day_file import append_day
for number in itertools.count(int(sys.argv[2])):
    row = {"date": "2026-11-30", "serial_number": f"S{number}", "model": "M" * 9999}
    append_day(Path(sys.argv[1]), [row])
"""


def test_killed_at_any_moment_the_file_is_whole(tmp_path: Path) -> None:
    """kill -9 in the middle of writes: each reader finds a whole table, and nothing stays locked."""
    path = tmp_path / "day.csv"
    path.write_text("date,serial_number,model\n")
    before: list[str] = []
    for attempt in range(6):
        command = [sys.executable, "-c", APPENDING, str(path), str(1000 * attempt)]
        process = subprocess.Popen(command, cwd=PROJECT)
        enough = len(before) + 1 + attempt
        while len(serials(path)) < enough:
            assert process.poll() is None
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        found = serials(path)
        assert found[: len(before)] == before
        before = found
    append_day(path, [row("last")])
    assert serials(path)[-1] == "last"
    remove_unfinished(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["day.csv"]


def test_a_days_second_run_adds_to_the_first(tmp_path: Path) -> None:
    csv_so_far(tmp_path, "2026-11-30", [row("A"), row("B")])
    content = csv_so_far(tmp_path, "2026-11-30", [row("B")])
    assert [each["serial_number"] for each in read_csv(content, "x").rows] == ["A", "B"]


def test_the_last_days_are_kept(tmp_path: Path) -> None:
    for day in range(1, 12):
        csv_so_far(tmp_path, f"2026-11-{day:02}", [row("A", f"2026-11-{day:02}")])
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"2026-11-{day:02}.csv" for day in range(12 - KEPT_DAYS, 12)
    ]


def test_a_damaged_day_does_not_stop_the_next(tmp_path: Path) -> None:
    (tmp_path / "2026-11-30.csv").write_bytes(b"\0\0\0\0")
    for _ in range(2):
        content = csv_so_far(tmp_path, "2026-11-30", [row("A")])
        assert [each["serial_number"] for each in read_csv(content, "x").rows] == ["A"]


def test_a_day_of_smartctls_own_output(tmp_path: Path) -> None:
    one = {"model_name": "M", "serial_number": "S"}
    (tmp_path / "2026-11-30.json").write_bytes(b"\0")
    for count in (1, 2, 2):
        documents = [{**one, "serial_number": f"S{number}"} for number in range(count)]
        content = json_so_far(tmp_path, "2026-11-30", documents[-1:])
        assert content.count(b"\n") == count
    assert (tmp_path / "2026-11-30.json").read_bytes() == content
