"""The timer of the real app: what nobody works on is scored after all."""

from __future__ import annotations

import shutil
from pathlib import Path

import httpx
import pytest

from tests.functions.batch.app_here import AppHere
from tests.functions.batch.conftest import RunRanges
from tests.functions.conftest import Fleet
from tests.support.drives import row, table
from tests.support.running_app import PROJECT
from tests.support.undisturbed import Undisturbed

DATA = table([row(f"S{number}", "2020-06-25") for number in range(900)])

CHANGES = [
    ("functions/blueprints/batch.py", 'path="telemetry/{name}"', 'path="elsewhere/{name}"'),
    ("functions/blueprints/batch.py", 'LOOKS = "0 */15 * * * *"', 'LOOKS = "0 0 0 29 2 *"'),
    ("functions/batch/silent_runs.py", "SILENCE = timedelta(minutes=10)", "SILENCE = timedelta(0)"),
]
"""An app that no upload reaches, that cannot wait, and whose timer fires when it is asked to."""


@pytest.mark.slow
def test_a_file_whose_messages_are_lost(
    run_ranges: RunRanges, app_here: AppHere, fleet: Fleet, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    etag = fleet.drop("big.csv", DATA)
    tasks = app_here.arrive("big.csv").tasks
    app_here.range(tasks[1])
    app = tmp_path / "app"
    shutil.copytree(PROJECT / "functions", app / "functions", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("function_app.py", "host.json"):
        shutil.copy(PROJECT / name, app)
    for name, old, new in CHANGES:
        text = (app / name).read_text()
        assert text.count(old) == 1
        (app / name).write_text(text.replace(old, new))
    with run_ranges(app) as running:
        started = httpx.post(f"{running.base_url}/admin/functions/revive_runs", json={"input": ""})
        assert started.status_code == 202
        undisturbed.expect(fleet, "big", DATA, etag)
        assert running.output.count("is announced again") == 1
