from __future__ import annotations

import csv
import os
import re
import socket
import sys
import time
from pathlib import Path

import pytest

from ops.__main__ import main
from ops.app import ports
from ops.demo import command, fleet

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(PROJECT)
    return tmp_path / "demo-output"


@pytest.fixture
def http_port(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that the ports the demo chooses are put into."""
    chosen: list[int] = []
    choose = ports.free_ports

    def free_ports(count: int) -> list[int]:
        chosen.extend(choose(count))
        return chosen

    monkeypatch.setattr(ports, "free_ports", free_ports)
    return chosen


def answers(port: int) -> bool:
    """Return whether something listens on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.slow
def test_a_simulated_fleet_end_to_end(
    output: Path, http_port: list[int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet, "SIMULATED_DRIVES", 300)
    assert main(["demo", "--output", str(output)]) == 0, capsys.readouterr().err
    shown = capsys.readouterr().out
    assert "SIMULATED" in shown
    assert "POST /api/predict for" in shown
    with (output / "2025-06-29.csv").open(newline="") as file:
        scored = list(csv.DictReader(file))
    today = (output / "fleet" / "2025-06-29.csv").read_text().splitlines()
    assert len(scored) == len(today) - 1
    known = [row for row in scored if row["risk"] != "unknown"]
    worst = max(known, key=lambda row: float(row["probability"]))
    assert worst["serial_number"] in shown
    # The two earlier days were joined.
    assert worst["history_days"] not in ("", "0")
    assert len(http_port) == 4
    assert not any(map(answers, http_port)), "the demo stops what it started"


@pytest.mark.slow
def test_a_repeated_drive_in_a_path_with_spaces(
    output: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last line of a drive and date that can be read counts, for the file and for the request alike."""
    folder = tmp_path / "a folder"
    folder.mkdir()
    day = folder / "my day.csv"
    lines = ["date,serial_number,model,smart_5_raw,smart_187_raw,smart_197_raw,smart_198_raw"]
    for date, five in (("2025-06-28", 9), ("2025-06-29", 0), ("2025-06-29", 400), ("2025-06-29", "x")):
        lines.append(f"{date},Z305B2QN,ST4000DM000,{five},12,16,16")
    day.write_text("\n".join([*lines, "2025-06-29,Z305B2QO,ST4000DM000,0,0,0,0\n"]))
    out = output.parent / "demo output"
    assert main(["demo", "--data", str(day), "--output", str(out)]) == 0, capsys.readouterr().err
    assert "POST /api/predict for Z305B2QN" in capsys.readouterr().out
    assert (out / "my day.rejects.csv").exists()


@pytest.mark.slow
def test_a_file_the_app_cannot_score_is_one_line(
    output: Path, tmp_path: Path, http_port: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    day = tmp_path / "notes.csv"
    day.write_text("milk,bread\n1,2\n")
    assert main(["demo", "--data", str(day), "--output", str(output)]) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("error: notes.csv ")
    assert not any(map(answers, http_port))


@pytest.mark.slow
def test_a_time_out_says_so_and_shows_the_log(
    output: Path, tmp_path: Path, http_port: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    day = tmp_path / "day.csv"
    day.write_text("date,serial_number,model,smart_5_raw\n2025-06-29,A,ST4000DM000,0\n")
    assert main(["demo", "--data", str(day), "--output", str(output), "--timeout", "0"]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"error: predictions/day\.summary\.json .*\b0 s", lines[-1])
    assert lines[0].startswith("  | ")
    assert not any(map(answers, http_port))


def test_an_app_that_does_not_start_is_reported(
    output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    day = tmp_path / "day.csv"
    day.write_text("date,serial_number,model,smart_5_raw\n2025-06-29,A,ST4000DM000,0\n")
    broken = [sys.executable, "-c", "import sys; print('no storage'); sys.exit(3)"]
    monkeypatch.setattr(command, "devhost_command", lambda *_: broken)
    began = time.monotonic()
    assert main(["demo", "--data", str(day), "--output", str(output)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "  | no storage"
    assert (
        lines[-1]
        == f"error: the app ended on its own with exit code 3; its log is {output}{os.sep}devhost.log"
    )
    assert time.monotonic() - began < command.START_SECONDS
