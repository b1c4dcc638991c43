"""The fleet a demo scores: day CSVs, oldest first, either simulated or given."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ops.errors import OpsError

SIMULATED_DRIVES = 5_000
SIMULATION_SEED = 1
HISTORY_DAYS = (28, 7)
"""Ages, in days, of the earlier telemetry that the model's change features compare with."""


@dataclass(frozen=True)
class DemoFleet:
    """Day CSVs of one fleet; the earlier ones, oldest first, give the drives their history."""

    today: Path
    earlier: tuple[Path, ...]
    simulated: bool

    @property
    def days(self) -> tuple[Path, ...]:
        """All day CSVs, oldest first."""
        return (*self.earlier, self.today)


def read_day(path: Path) -> DemoFleet:
    """Return the fleet of a Backblaze day CSV, ``.csv`` or ``.csv.gz``, without earlier days.

    OpsError when it is no file, or its name says that it is something else. Its content is the app's to
    judge.
    """
    if not path.exists():
        raise OpsError(f"there is no file {path}: DATA takes the path of a Backblaze day CSV")
    if not path.is_file():
        raise OpsError(f"{path} is a folder: DATA takes the path of one day CSV in it")
    if not path.name.endswith((".csv", ".csv.gz")):
        raise OpsError(
            f"{path.name} ends neither in .csv nor in .csv.gz: unpack it, or rename it if it is one"
        )
    return DemoFleet(path, (), simulated=False)


def simulate(directory: Path) -> DemoFleet:
    """Simulate `SIMULATED_DRIVES` drives, for the last day and for those `HISTORY_DAYS` before it.

    *directory* gets the day CSVs; those of an earlier simulation are removed first. OpsError when it fails.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for old in directory.glob("*.csv"):
        old.unlink()
    options = {
        "--drives": SIMULATED_DRIVES,
        "--days": max(HISTORY_DAYS) + 1,
        "--seed": SIMULATION_SEED,
        "--output": directory,
    }
    arguments = [str(part) for option in options.items() for part in option]
    done = subprocess.run(  # noqa: S603 (our own interpreter and module)
        [sys.executable, "-m", "training", "simulate", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise OpsError("the fleet could not be simulated", done.stderr.splitlines()[-5:])
    days = sorted(directory.glob("*.csv"))
    if len(days) <= max(HISTORY_DAYS):
        raise OpsError(
            f"the simulation wrote {len(days)} day CSVs where {max(HISTORY_DAYS) + 1} were asked for"
        )
    return DemoFleet(days[-1], tuple(days[-1 - age] for age in HISTORY_DAYS), simulated=True)
