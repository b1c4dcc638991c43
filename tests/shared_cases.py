"""Inputs as they occur, kept beside the checkout like the telemetry; without them tests are skipped."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.real_data import REAL_DATA

CASES = Path(os.environ.get("DRIVECAST_CASES", REAL_DATA.parent / "cases")).resolve()
"""The folder of cases: beside the telemetry, or where DRIVECAST_CASES says."""


def case(name: str) -> Path:
    """Return the file of a case; skip the test where it is not there."""
    path = CASES / name
    if not path.is_file():
        pytest.skip(f"no {name} in {CASES}; set DRIVECAST_CASES to the folder of cases")
    return path


def smartctl_case(name: str) -> dict[str, Any]:
    """Return the output of smartctl in a case."""
    document: dict[str, Any] = json.loads(case(name).read_bytes())
    return document
