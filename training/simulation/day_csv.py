"""One day of a simulated fleet as a table, and as the CSV that would have been published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from training.simulation.drive_models import DRIVE_MODELS
from training.simulation.families import FAMILIES
from training.simulation.fleet import Ints, SimulatedDrives
from training.simulation.schema import COLUMNS
from training.simulation.wear import day_noise, drive_day, present

_DATACENTERS = np.array(["phx1", "sac0", "sac2", "iad1", "ams5", "yyz1"])
_CLUSTERS = np.array([0, 0, 20, 40, 31, 60])
_DRIVES_PER_VAULT, _PODS = 1200, 20


class DayCount(NamedTuple):
    """Rows and failures written."""

    rows: int
    failures: int


def write_day(path: Path, date: dt.date, day: int, fleet: Iterable[SimulatedDrives], seed: int) -> DayCount:
    """Write one day CSV, block by block; it appears under its name, replacing an older one, when it is whole.

    *day* counts from the start of the simulation; *fleet* is of `training.simulation.fleet.blocks`.
    """
    rows = failures = 0
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("wb") as stream:
            stream.write((",".join(COLUMNS) + "\n").encode())
            for drives in fleet:
                table = day_table(drives, date, day, seed)
                table.write_csv(stream, include_header=False)
                rows, failures = rows + table.height, failures + int(table["failure"].sum())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return DayCount(rows, failures)


def day_table(drives: SimulatedDrives, date: dt.date, day: int, seed: int) -> pl.DataFrame:
    """Return a block's rows of one day: every published column, in order, null where nothing is reported."""
    noise = day_noise(drives, day, seed)
    rows = np.flatnonzero(present(drives, day, noise)).astype(np.int64)
    columns = _identity(drives, date, day, rows) | _smart(drives, day, noise, rows)
    return pl.select(columns.get(name, pl.lit(None, dtype=pl.Int64)).alias(name) for name in COLUMNS)


def _identity(drives: SimulatedDrives, date: dt.date, day: int, rows: Ints) -> dict[str, pl.Expr]:
    model = drives.model[rows]
    index = drives.first + rows
    vault = index // _DRIVES_PER_VAULT
    slot = index % (_DRIVES_PER_VAULT // _PODS)
    names = np.array([m.name for m in DRIVE_MODELS])
    capacities = np.array([m.capacity_bytes for m in DRIVE_MODELS])
    return {
        "date": _lit(np.full(len(rows), date.isoformat())),
        "serial_number": _lit(drives.serial_number[rows].astype("U")),
        "model": _lit(names[model]),
        "capacity_bytes": _lit(capacities[model]),
        "failure": _lit((drives.failure_day[rows] == day).astype(np.int64)),
        "datacenter": _lit(_DATACENTERS[vault % len(_DATACENTERS)]),
        "cluster_id": _lit(_CLUSTERS[vault % len(_CLUSTERS)]),
        "vault_id": _lit(1001 + vault),
        "pod_id": _lit(index // (_DRIVES_PER_VAULT // _PODS) % _PODS),
        "pod_slot_num": _lit(slot),
        "is_legacy_format": _lit(np.full(len(rows), "False")),
    }


def _smart(
    drives: SimulatedDrives, day: int, noise: npt.NDArray[np.float64], rows: Ints
) -> dict[str, pl.Expr]:
    model = drives.model[rows]
    family = np.array([m.family for m in DRIVE_MODELS])[model]
    values: dict[int, npt.NDArray[np.int64]] = {}  # attribute -> normalized and raw, shape (2, rows)
    for name, report in FAMILIES.items():
        mine = np.flatnonzero(family == name)
        for attribute, pair in report(drive_day(drives, day, noise, rows[mine])).items():
            both = values.setdefault(attribute, np.zeros((2, len(rows)), dtype=np.int64))
            both[0, mine], both[1, mine] = pair
    columns: dict[str, pl.Expr] = {}
    for attribute, both in values.items():
        reports = pl.Series(np.array([attribute in m.attributes for m in DRIVE_MODELS])[model])
        for kind, numbers in zip(("normalized", "raw"), both, strict=True):
            columns[f"smart_{attribute}_{kind}"] = pl.when(reports).then(pl.Series(numbers))
    return columns


def _lit(values: npt.NDArray[np.str_] | npt.NDArray[np.int64]) -> pl.Expr:
    return pl.lit(pl.Series(values))
