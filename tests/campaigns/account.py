"""A storage account of a campaign's own, with days that no earlier try has used."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from functions.storage import containers
from tests.campaigns.fleet_files import FleetFile
from tests.functions.conftest import Fleet
from tests.support.running_app import RunningAzurite
from tests.support.undisturbed import Undisturbed

FIRST_DAY = dt.date(2001, 1, 1)
DAYS_APART = 60
"""Further than history reaches."""

MOST_DAYS = 590


class Account:
    """Azurite with the app's containers.

    Attributes
    ----------
    azurite : RunningAzurite
    """

    def __init__(self, azurite: RunningAzurite, models: Path, folder: Path) -> None:
        self.azurite = azurite
        self._models = models
        self._folder = folder
        self._tries = 0

    def fleet(self) -> Fleet:
        """Return a folder that no earlier try has used."""
        return Fleet(self.azurite.blobs)

    def day(self) -> dt.date:
        """Return a day whose history no earlier try has left."""
        number = self._tries % MOST_DAYS
        if self._tries and not number:
            history = self.azurite.blobs.get_container_client(containers.HISTORY)
            for name in history.list_blob_names():
                history.delete_blob(name)
        self._tries += 1
        return FIRST_DAY + dt.timedelta(days=DAYS_APART * number)

    def undisturbed(self) -> Undisturbed:
        """Return what the outputs of the next files are to be, without any history."""
        return Undisturbed(self._models, self._folder / f"undisturbed-{self._tries}", self.azurite.blobs)


def drop(fleet: Fleet, file: FleetFile, evidence: dict[str, bytes]) -> str:
    """Upload a file, and keep it as evidence; return its ETag."""
    evidence[file.name] = file.stored
    return fleet.drop(file.name, file.stored)


def expect(undisturbed: Undisturbed, fleet: Fleet, file: FleetFile, etag: str, seconds: float = 0.0) -> None:
    """Hold every byte of a file's outputs against ours."""
    stem, _, ending = file.name.partition(".csv")
    undisturbed.expect(fleet, stem, file.stored, etag, seconds, ending=f".csv{ending}")


@contextmanager
def running_account(models: Path, folder: Path) -> Iterator[Account]:
    """Run Azurite until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    azurite = RunningAzurite(folder / "azurite")
    try:
        for name in (containers.TELEMETRY, containers.PREDICTIONS, containers.RUNS, containers.HISTORY):
            azurite.blobs.create_container(name)
        yield Account(azurite, models, folder)
    finally:
        azurite.stop()
