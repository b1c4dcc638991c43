"""The files that are scored: day CSVs of one simulated fleet in the published schema of 2025 (197 columns).

300,000 drives make 116 MB a day, 2.5 million almost 1 GB.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from training.simulation.day_csv import write_day
from training.simulation.fleet import blocks

FIRST = dt.date(2025, 6, 1)
AGES = (28, 7, 0)
"""Days before the day that is scored: what is joined, and that day itself."""

SEED, FAILURE_RATE = 1, 0.014
"""Of the simulated fleet; the defaults of ``python -m training simulate``."""


def fleet_days(folder: Path, drives: int, ages: Sequence[int] = AGES) -> list[Path]:
    """Write the day CSVs of some ages, of one fleet; the same bytes each time.

    In a process of its own: the kernel counts what this one has ever held for those that it starts.
    """
    with ProcessPoolExecutor(1) as apart:
        return apart.submit(_write_days, folder, drives, ages).result()


def _write_days(folder: Path, drives: int, ages: Sequence[int]) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for age in ages:
        number = max(AGES) - age
        date = FIRST + dt.timedelta(days=number)
        paths.append(folder / f"{date}.csv")
        write_day(paths[-1], date, number, blocks(drives, SEED, FAILURE_RATE), SEED)
    return paths
