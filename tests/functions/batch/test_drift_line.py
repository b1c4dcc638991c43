"""The log line that the drift alert reads, from files in one piece and in ranges, by a committed model."""

from __future__ import annotations

import re

import pytest

from functions.scoring.report.drift import MIN_ROWS, drift_line
from tests.functions.batch.conftest import RunRanges
from tests.functions.conftest import Fleet
from tests.support.drives import row, table
from tests.support.running_app import PROJECT

DRIFTED = [row(f"S{number}", smart_187_raw=number % 50) for number in range(MIN_ROWS)]


@pytest.mark.parametrize("range_bytes", [20_000, 10_000_000])
def test_a_file_that_has_drifted_is_named_once(run_ranges: RunRanges, fleet: Fleet, range_bytes: int) -> None:
    settings = {"MODELS_FOLDER": str(PROJECT / "models"), "MODEL": "v2"}
    with run_ranges(range_bytes=range_bytes, settings={**settings, "RANGE_BYTES": str(range_bytes)}) as app:
        told = fleet.summary("day", fleet.drop("day.csv", table(DRIFTED)), 60)
        fleet.summary("few", fleet.drop("few.csv", table(DRIFTED[1:])), 60)
        path = f"telemetry/{fleet.folder}/day.csv"
        expected = drift_line(path, told)
        assert expected is not None
        app.wait_for(rf"\] {re.escape(expected)}\n")
        found = re.findall(r"\] (drift: .*)\n", app.output)
    assert told["drift"]["psi"]["smart_187"] > 1
    assert expected.startswith("drift: smart_187 psi ")
    assert found == [expected]
