"""Where inputs as they occur in the field are, for the tests that replay them; skipped where they are not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CASES = Path(os.environ.get("DRIVECAST_CASES", Path(__file__).parents[2] / "shared" / "cases")).resolve()
"""The folder of the cases: beside the checkout, or where DRIVECAST_CASES says."""

needs_cases = pytest.mark.skipif(
    not CASES.is_dir(), reason=f"no folder {CASES}; set DRIVECAST_CASES to the one that holds the cases"
)
"""Mark of tests that read cases."""
