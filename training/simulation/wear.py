"""A day's wear of a drive: hours, temperature, work done, and errors that grow before some failures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.simulation.fleet import BLOCK, Floats, Ints, SimulatedDrives, generator

NOISE = 6
"""Independent uniform numbers per drive and day."""

GAP_SHARE = 0.003
"""Share of drives without a row on a day, from the second day on (the real releases miss up to 0.4 %)."""

_OFFLINE_SCANS = 0.8  # of drives find their pending sectors offline as well
_GAINING = 0.15  # of drives with old errors gain new ones

SECTORS_MAX = 65_528
"""Where Seagate's reallocated sectors end: 16 bits, in steps of 8."""


@dataclass(frozen=True)
class DriveDay:
    """State of some drives on one day; every array has shape (drives,).

    Attributes
    ----------
    hours, cycles, starts, loads : ndarray of int64
        Power-on hours, power cycles, spin-ups, head loads.
    temperature : ndarray of int64
        Degrees Celsius.
    written, read : ndarray of int64
        LBAs of 512 bytes written and read in the drive's life.
    reallocated, reported, pending, uncorrectable, timeouts, crc : ndarray of int64
        Sectors reallocated, errors reported uncorrectable, sectors pending, sectors uncorrectable offline,
        commands timed out, interface errors.
    traits, noise : ndarray of float64, shapes (TRAITS, drives) and (NOISE, drives)
        Properties of the drive, and of the drive on this day.
    """

    hours: Ints
    cycles: Ints
    starts: Ints
    loads: Ints
    temperature: Ints
    written: Ints
    read: Ints
    reallocated: Ints
    reported: Ints
    pending: Ints
    uncorrectable: Ints
    timeouts: Ints
    crc: Ints
    traits: Floats
    noise: Floats

    def __len__(self) -> int:
        return len(self.hours)


def present(drives: SimulatedDrives, day: int, noise: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which drives have a row: not yet failed or gone, and not missed. A failure is never missed."""
    gone = (drives.failure_day < day) | (
        (drives.leaving_day <= day) & (drives.failure_day >= drives.leaving_day)
    )
    missed = (noise[0] < GAP_SHARE) & (drives.failure_day != day) & (day > 0)
    return np.asarray(~gone & ~missed)


def day_noise(drives: SimulatedDrives, day: int, seed: int) -> Floats:
    """Return the day's random numbers of a block, shape (NOISE, drives)."""
    return generator(seed, drives.first, 1, day).random((NOISE, BLOCK))[:, : len(drives)]


def drive_day(drives: SimulatedDrives, day: int, noise: Floats, rows: Ints) -> DriveDay:
    """Compute the state of some of a block's drives.

    Parameters
    ----------
    day : int
        Days after the start.
    noise : ndarray of float64, shape (NOISE, len(drives))
        Of `day_noise`.
    """
    trait, luck = drives.traits[:, rows], noise[:, rows]
    hours = drives.hours[rows] + 24 * day + (luck[1] * 2).astype(np.int64)
    years = hours / 8766.0
    grown = _growth(drives, rows, day)
    cycles = 2 + _skew(trait[0], 8.0) + (years * 2).astype(np.int64)
    pending = _chronic(trait[1], 0.010, 10.0, day) + _grow(
        trait[2], 0.7, 60.0, 1.6, grown * (0.7 + 0.3 * luck[2])
    )
    reallocated = _chronic(trait[3], 0.030, 24.0, day) + _grow(trait[4], 0.8, 500.0, 1.8, grown)
    return DriveDay(
        hours=hours,
        cycles=cycles,
        starts=cycles + (trait[5] * 3).astype(np.int64),
        loads=cycles * 3 + (hours * (0.01 + 0.15 * trait[6] ** 4)).astype(np.int64),
        temperature=np.clip(22 + 16 * trait[7] + 4 * (luck[3] - 0.5), 15, 60).astype(np.int64),
        written=(hours * (1.5e6 + 2.5e6 * trait[8])).astype(np.int64),
        read=(hours * (4e6 + 12e6 * trait[9])).astype(np.int64),
        reallocated=np.minimum(reallocated // 8 * 8, SECTORS_MAX),
        reported=_chronic(trait[10], 0.015, 3.0, day) + _grow(trait[11], 0.8, 60.0, 1.3, grown),
        pending=pending // 8 * 8,
        uncorrectable=np.where(trait[12] < _OFFLINE_SCANS, pending // 8 * 8, 0),
        timeouts=_chronic(trait[13], 0.050, 2.0, day) + _grow(trait[14], 0.3, 5.0, 1.0, grown),
        crc=_chronic(trait[15], 0.030, 4.0, day) + _grow(trait[16], 0.05, 30.0, 1.0, grown),
        traits=trait,
        noise=luck,
    )


def _growth(drives: SimulatedDrives, rows: Ints, day: int) -> Floats:
    """How far a drive is on the way from its first sign (0) to its failure (1); faster towards the end."""
    progress = (day - drives.onset_day[rows]) / drives.warning_days[rows]
    return np.asarray(np.clip(progress, 0.0, 1.0) ** 1.7)


def _chronic(trait: Floats, share: float, scale: float, day: int) -> Ints:
    """Errors of drives that live with them: a few drives have some, a few of those slowly gain more."""
    quantile = trait / share
    errors = 1 + _skew(np.mod(quantile * 7.0, 1.0), scale)
    gained = np.where(quantile < _GAINING, day * (0.02 + quantile), 0.0).astype(np.int64)
    return np.where(quantile < 1.0, errors + gained, 0)


def _grow(trait: Floats, share: float, median: float, spread: float, grown: Floats) -> Ints:
    """Errors gained on the way to a failure: log-normal between drives, none for other failure modes."""
    # A logistic stands in for the normal quantile: cheap, and as skewed once exponentiated.
    quantile = np.clip(trait / share, 1e-9, 1 - 1e-9)
    size = median * np.exp(spread * 0.5513 * np.log(quantile / (1 - quantile)))
    return np.where(trait < share, np.minimum(size, 1e6) * grown, 0.0).astype(np.int64)


def _skew(uniform: Floats, mean: float) -> Ints:
    return np.asarray(-mean * np.log1p(-uniform)).astype(np.int64)
