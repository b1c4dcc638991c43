"""Where real telemetry is, for the tests that need it; they are skipped, with the reason, where it is not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REAL_DATA = Path(os.environ.get("DRIVECAST_DATA", Path(__file__).parents[2] / "shared" / "data")).resolve()
"""The folder holding ``backblaze/``: beside the checkout, or where DRIVECAST_DATA says."""

ST4000DM000 = REAL_DATA / "backblaze" / "ST4000DM000_2018-01-02_2018-06-30.parquet"
MIXED_FLEET_2013 = REAL_DATA / "backblaze" / "mixed-fleet_2013-04-10_2013-08-19.parquet"
WHOLE_DAY_2014 = REAL_DATA / "backblaze" / "2014-01-25.csv"
FAILURES_2025 = REAL_DATA / "backblaze" / "failures_2025-Q2.csv"

needs_real_data = pytest.mark.skipif(
    not all(path.is_file() for path in (ST4000DM000, MIXED_FLEET_2013, WHOLE_DAY_2014, FAILURES_2025)),
    reason=f"no Backblaze telemetry in {REAL_DATA}; set DRIVECAST_DATA to the folder that holds backblaze/",
)
"""Mark of tests that read real telemetry."""
