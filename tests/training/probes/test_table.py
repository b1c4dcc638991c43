from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest

import training.probes
from functions.errors import DrivecastError
from training.probes import PROBES, Evidence, LeakError, run_probes


def test_every_probe_file_is_in_the_table_under_its_own_code() -> None:
    files = sorted(path.name[:6].upper() for path in Path(training.probes.__path__[0]).glob("dcl*.py"))
    assert files == list(PROBES)
    tests = sorted(path.name[5:11].upper() for path in Path(__file__).parent.glob("test_dcl*.py"))
    assert tests == files


def test_an_honest_evaluation_passes_all(honest: Evidence) -> None:
    results = run_probes(honest)
    assert [result.code for result in results] == list(PROBES)
    assert not any(result.fired for result in results)
    json.dumps([result.document() for result in results], allow_nan=False)


def test_a_leak_stops_the_run_and_says_everything_that_was_found(honest: Evidence) -> None:
    early = dict.fromkeys(honest.telemetry_ends, dt.date(2020, 1, 1))
    leaking = replace(honest, telemetry_ends=early)
    with pytest.raises(LeakError, match="DCL003") as caught:
        run_probes(leaking, ["DCL001", "DCL002", "DCL003"])
    assert isinstance(caught.value, DrivecastError)
    assert [result.fired for result in caught.value.results] == [False, False, True]
    assert "1 of 3 " in caught.value.detail
