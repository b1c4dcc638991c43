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
    """Day CSVs of one fleet.

    Parameters
    ----------
    today : Path
        The day that is shown.
    earlier : tuple of Path
        Days uploaded before it, oldest first, so that the drives have history.
    simulated : bool
        Whether the drives are made up.
    """

    today: Path
    earlier: tuple[Path, ...]
    simulated: bool

    @property
    def days(self) -> tuple[Path, ...]:
        """All day CSVs, oldest first."""
        return (*self.earlier, self.today)


def given(path: Path) -> DemoFleet:
    """Return the fleet of a Backblaze day CSV.

    Parameters
    ----------
    path : Path
        A ``.csv`` or ``.csv.gz`` file.

    Returns
    -------
    DemoFleet
        That day, without earlier ones.

    Raises
    ------
    OpsError
        When it is no file, or its name says that it is something else. What is in it, the app judges.
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


def simulated(directory: Path) -> DemoFleet:
    """Simulate a fleet, for the last day and for the days its history needs.

    Parameters
    ----------
    directory : Path
        Where the day CSVs are written; those of an earlier simulation are removed first.

    Returns
    -------
    DemoFleet
        `SIMULATED_DRIVES` drives on the simulation's last day, with the days `HISTORY_DAYS` before it.

    Raises
    ------
    OpsError
        When the simulation fails.
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
