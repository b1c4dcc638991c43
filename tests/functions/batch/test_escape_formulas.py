"""The setting ESCAPE_FORMULAS, for a file in one piece and for one in ranges."""

from __future__ import annotations

import pytest

from functions.settings import settings
from tests.functions.batch.app_here import AppHere
from tests.functions.conftest import Fleet
from tests.support.drives import read_csv, row, table

FILES = {
    "small.csv": table([row("=1+1", "2036-01-25"), "=2"]),
    "big.csv": table([*(row(f"S{number}", "2036-01-25") for number in range(1_000)), row("=1+1"), "=2"]),
}


@pytest.mark.parametrize(
    ("value", "serial", "line"), [("", "=1+1", "'=2"), ("none", "=1+1", "=2"), ("all", "'=1+1", "'=2")]
)
@pytest.mark.parametrize("name", FILES)
def test_it_holds_for_every_file(
    app_here: AppHere,
    fleet: Fleet,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    serial: str,
    line: str,
) -> None:
    monkeypatch.setenv("ESCAPE_FORMULAS", value)
    settings.cache_clear()
    fleet.drop(name, FILES[name])
    tasks = app_here.arrive(name).tasks
    assert bool(tasks) == name.startswith("big")
    app_here.ranges(tasks)
    assert read_csv(fleet.output(name))[-1]["serial_number"] == serial
    assert read_csv(fleet.output(name.replace(".csv", ".rejects.csv")))[-1]["text"] == line
