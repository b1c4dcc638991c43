"""Drives of the simulated fleet: which there are, what each is like, when it fails.

A drive's whole life is a function of (seed, its number): values of a day are computed from it directly,
nothing is carried from day to day. So memory depends on the block size only, and more days never change
earlier ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.simulation.drive_models import DRIVE_MODELS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BLOCK = 50_000
"""Drives made at once. Part of what a seed means: another size gives another fleet."""

DAYS_PER_YEAR = 365.25
LEAVING_PER_YEAR = 0.02
"""Share of drives a year that leave without failing (migrated, retired)."""

WARNING_SHARE = 0.5
"""Share of failing drives whose error counters grow first; the rest give no sign (Pinheiro, FAST'07)."""

_ALPHABET = np.frombuffer(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", dtype=np.uint8)  # Crockford's base 32
_SERIAL_BITS, _DIGITS = 40, 8
_SCRAMBLE = 0x5D588B656B | 1


@dataclass(frozen=True)
class SimulatedDrives:
    """Constant properties of a block of drives; every array has shape (drives,).

    Attributes
    ----------
    first : int
        Number of the first drive in the fleet.
    model : ndarray of int64
        Index into `DRIVE_MODELS`.
    serial_number : ndarray of bytes
        ``SIM`` and 8 characters, unique in the fleet: no simulated drive can be taken for a real one.
    hours : ndarray of int64
        Power-on hours at the start.
    failure_day, leaving_day : ndarray of int64
        Days after the start on which the drive fails, and from which on it is gone without failing.
    onset_day, warning_days : ndarray of float64
        When error counters begin to grow (infinity for drives that give no sign), and for how long.
    traits : ndarray of float64, shape (TRAITS, drives)
        Uniform in [0, 1): what tells one drive from another.
    """

    first: int
    model: Ints
    serial_number: npt.NDArray[np.bytes_]
    hours: Ints
    failure_day: Ints
    leaving_day: Ints
    onset_day: Floats
    warning_days: Floats
    traits: Floats

    def __len__(self) -> int:
        return len(self.model)


TRAITS = 24
_NEVER = 2**40


def generator(seed: int, *stream: int) -> np.random.Generator:
    """Return the random numbers of one stream of a seed, independent of all others."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *stream])))


def blocks(drives: int, seed: int, failure_rate: float) -> Iterator[SimulatedDrives]:
    """Make a fleet, block by block.

    Parameters
    ----------
    failure_rate : float
        Annualised failure rate of the fleet, a fraction (0.014 is 1.4 %).

    Yields
    ------
    Drives
        Up to `BLOCK` drives at a time.
    """
    for number, first in enumerate(range(0, drives, BLOCK)):
        yield _block(number, first, min(BLOCK, drives - first), seed, failure_rate)


def _block(number: int, first: int, size: int, seed: int, failure_rate: float) -> SimulatedDrives:
    random = generator(seed, number, 0)
    shares = np.array([model.share for model in DRIVE_MODELS])
    relative = np.array([model.relative_rate for model in DRIVE_MODELS])
    relative *= shares.sum() / (shares * relative).sum()
    # Whole blocks are drawn and cut, so that the first drives of a fleet do not depend on how many follow.
    model = random.choice(len(DRIVE_MODELS), size=BLOCK, p=shares / shares.sum())[:size]
    years = np.array([model.years for model in DRIVE_MODELS])[model]
    age, life, leaving, warns, lead = random.random((5, BLOCK))[:, :size]
    hours = (years[:, 0] + (years[:, 1] - years[:, 0]) * age) * DAYS_PER_YEAR * 24
    failure_day = _waiting_days(life, failure_rate * relative[model])
    warning_days = np.clip(-25.0 * np.log1p(-lead) + 2.0, 2.0, 120.0)
    onset = np.where(warns < WARNING_SHARE, failure_day - warning_days, np.inf)
    return SimulatedDrives(
        first=first,
        model=model,
        serial_number=_serial_numbers(first, size, seed),
        hours=hours.astype(np.int64),
        failure_day=failure_day,
        leaving_day=1 + _waiting_days(leaving, np.full(size, LEAVING_PER_YEAR)),
        onset_day=onset,
        warning_days=warning_days,
        traits=random.random((TRAITS, BLOCK))[:, :size],
    )


def _waiting_days(uniform: Floats, rate: Floats) -> Ints:
    """Whole days until an event of a constant rate per year happens."""
    with np.errstate(divide="ignore"):
        days = -np.log1p(-uniform) / rate * DAYS_PER_YEAR
    return np.minimum(days, _NEVER).astype(np.int64)


def _serial_numbers(first: int, size: int, seed: int) -> npt.NDArray[np.bytes_]:
    # Multiplying by an odd number is one-to-one modulo a power of two: serial numbers look random and never
    # repeat.
    numbers = np.arange(first, first + size, dtype=np.uint64) + np.uint64(seed % 2**20 * 2**20)
    scrambled = (numbers * np.uint64(_SCRAMBLE)) & np.uint64(2**_SERIAL_BITS - 1)
    shifts = np.arange(_DIGITS - 1, -1, -1, dtype=np.uint64) * np.uint64(5)
    digits = _ALPHABET[((scrambled[:, None] >> shifts) & np.uint64(31)).astype(np.int64)]
    prefix = np.broadcast_to(np.frombuffer(b"SIM", dtype=np.uint8), (size, 3))
    return np.ascontiguousarray(np.hstack([prefix, digits])).view(f"S{3 + _DIGITS}").ravel()
