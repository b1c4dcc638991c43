"""Recorded scores of the three drives of `drives.csv`, by model version: `recorded/<version>.csv`.

A version's files never change, so its scores do not either: a deployed app is held against the recording of
the version it says it answers with. The drives are made up, of a date long past.
"""

from __future__ import annotations

import csv
import io
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from ops.app import drive_record
from ops.app.drive_record import DriveRecord
from ops.errors import OpsError

FOLDER = Path(__file__).parent
DRIVES = FOLDER / "drives.csv"
RECORDED = FOLDER / "recorded"
MODELS = Path("models")

PROBABILITY = "probability"
SAME_PROBABILITY = 1e-6
"""How far processors may differ; what the models' parity gate allows."""

type Row = dict[str, str]


class _Registry(msgspec.Struct):
    """The part of models/registry.json that is read here."""

    versions: list[str]


def drive(row: Row) -> DriveRecord:
    """Return the drive of a recorded row as the JSON object that `POST /api/predict` takes."""
    found = drive_record.find(DRIVES, row["serial_number"], row["model"])
    if found is None:
        raise OpsError(f"{row['serial_number']} ({row['model']}) is not in {DRIVES}; restore the file")
    return found


def rows(data: bytes) -> list[Row]:
    """Read a scored CSV."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8", errors="replace"), newline="")))


def of_version(version: str) -> list[Row]:
    """Return the rows of a recorded version, a dict of column to text for each drive, in the file's order.

    OpsError when the version was not recorded.
    """
    known = sorted(path.stem for path in RECORDED.glob("*.csv"))
    if version not in known:
        raise OpsError(
            f"the app answers with model {version}, of which nothing is recorded (recorded: "
            f"{', '.join(known)}); on the commit that was deployed run `python -m ops smoke --record`, "
            "look at the difference and commit it"
        )
    return rows((RECORDED / f"{version}.csv").read_bytes())


def differences(found: list[Row], expected: list[Row]) -> list[str]:
    """Return a sentence for each difference between scored rows and recorded ones.

    Columns that are not recorded are left alone: a newer app may write more.
    """
    if len(found) != len(expected):
        return [f"{len(found)} rows where {len(expected)} are recorded"]
    return [
        f"{there['serial_number']}: {name} is {here.get(name)!r}, recorded {value!r}"
        for here, there in zip(found, expected, strict=True)
        for name, value in there.items()
        if not _same(name, here.get(name), value)
    ]


def _same(name: str, found: str | None, expected: str) -> bool:
    if name != PROBABILITY:
        return found == expected
    try:
        return math.isclose(float(found or "nan"), float(expected), rel_tol=0, abs_tol=SAME_PROBABILITY)
    except ValueError:
        return False


def record(models: Path, target: Path) -> list[Path]:
    """Score the drives with every registered version; write and return ``<version>.csv`` in a folder.

    Files of other versions stay. OpsError when there is no registry, or a version does not score.
    """
    try:
        versions = msgspec.json.decode((models / "registry.json").read_bytes(), type=_Registry).versions
    except (OSError, msgspec.MsgspecError) as error:
        raise OpsError(f"{models / 'registry.json'} cannot be read: {error}") from None
    target.mkdir(parents=True, exist_ok=True)
    return [_record(models, version, target) for version in versions]


def _record(models: Path, version: str, target: Path) -> Path:
    with tempfile.TemporaryDirectory(prefix="drivecast-smoke-") as folder:
        options = ["--output", folder, "--models", str(models.resolve()), "--model", version]
        done = subprocess.run(  # noqa: S603 (our own interpreter and module)
            [sys.executable, "-m", "functions.score", str(DRIVES), *options],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise OpsError(f"{DRIVES.name} could not be scored with {version}", done.stderr.splitlines()[-5:])
        written = target / f"{version}.csv"
        written.write_bytes((Path(folder) / DRIVES.name).read_bytes())
    return written
