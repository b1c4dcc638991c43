"""examples/client.py against the running app, which lives beside these tests."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.support.drives import WORN, record
from tests.support.running_app import PROJECT, RunningApp

CLIENT = PROJECT / "examples" / "client.py"
SMARTCTL = PROJECT / "tests/data/smartctl/hitachi-HDS721050DLE630-failing.json"


def run(app: RunningApp, source: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(CLIENT), f"{app.base_url}/api", source],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_it_is_short() -> None:
    assert len(CLIENT.read_text(encoding="utf-8").splitlines()) <= 60


def test_many_drives(app: RunningApp, tmp_path: Path) -> None:
    drives = tmp_path / "drives.json"
    drives.write_text(json.dumps([record(**WORN), {}, record(serial_number="Z2")]))
    done = run(app, str(drives))
    assert done.returncode == 1, done.stderr
    assert "Z300AAAA: critical" in done.stdout
    assert "Pending sectors at 40" in done.stdout
    assert "not answered: 3 fields cannot be used: drives[1].date" in done.stdout
    assert "Z2: unknown" in done.stdout


def test_one_drive_from_smartctl(app: RunningApp) -> None:
    done = run(app, "-", SMARTCTL.read_text(encoding="utf-8"))
    assert done.returncode == 1, done.stderr
    assert "MSK423Y20S3HBC: critical" in done.stdout
    assert "Reallocated sectors at 1,975" in done.stdout


def test_what_is_refused_is_said(app: RunningApp) -> None:
    done = run(app, "-", "{}")
    assert "no_ata_attributes" in done.stderr
