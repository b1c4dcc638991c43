"""Many small files at once: each is scored, none is lost."""

from __future__ import annotations

import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.functions.batch.conftest import RunRanges
from tests.functions.conftest import Fleet
from tests.support.drives import read_csv, row, table
from tests.support.waiting import wait_until

_log = logging.getLogger(__name__)

FILES = int(os.environ.get("DRIVECAST_SMALL_FILES", "200"))
"""10,000 keep an Azurite and two workers on two cores occupied for twelve minutes."""

SECONDS_A_FILE = 3.0
"""Allowed; a machine with much else to do has needed 0.2."""


@pytest.mark.slow
def test_files_of_one_row(run_ranges: RunRanges, fleet: Fleet) -> None:
    names = [f"drive{number:05d}" for number in range(FILES)]
    with run_ranges(workers=2) as app, ThreadPoolExecutor(8) as pool:
        started = time.monotonic()
        etags = dict(
            zip(
                names,
                pool.map(lambda name: fleet.drop(f"{name}.csv", table([row(name, "2026-01-25")])), names),
                strict=True,
            )
        )
        # Not asked of storage, which has enough to do.
        wait_until(lambda: app.output.count("1 scored, 0 rejected") >= FILES, FILES * SECONDS_A_FILE)
        seconds = time.monotonic() - started
        assert "Failed after" not in app.output
        assert "It is tried again" not in app.output
    for name in names:
        reported = fleet.summary(name, etags[name], 0)
        assert reported["lines"] == {"data": 1, "accepted": 1, "rejected": 0}
        (line,) = read_csv(fleet.output(f"{name}.csv"))
        assert line["serial_number"] == name
    _log.info("%d files in %.1f s, %.1f a second", FILES, seconds, FILES / seconds)
