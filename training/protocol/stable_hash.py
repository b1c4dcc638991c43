"""Random-looking numbers that depend on a drive, a day and a seed only.

Not on row order, process or library version.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import polars as pl

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def serial_hash(serials: pl.Series, seed: int, purpose: str) -> npt.NDArray[np.uint64]:
    """Hash serial numbers with a seed.

    Parameters
    ----------
    serials : polars.Series of String
        One per row; each distinct one is hashed once.
    seed : int
        Another seed gives unrelated numbers.
    purpose : str
        Names the decision, so that two decisions about one drive are independent.

    Returns
    -------
    ndarray of uint64, shape (len(serials),)
        The first 8 bytes of the sha256 of purpose, seed and serial number.
    """
    distinct = serials.unique()
    digests = [
        int.from_bytes(hashlib.sha256(f"{purpose}\0{seed}\0{serial}".encode()).digest()[:8], "big")
        for serial in distinct.to_list()
    ]
    table = pl.DataFrame({"serial": distinct, "hash": pl.Series(digests, dtype=pl.UInt64)})
    rows = serials.rename("serial").to_frame().join(table, on="serial", how="left", maintain_order="left")
    return rows["hash"].to_numpy()


def drive_day_hash(serials: pl.Series, dates: pl.Series, seed: int, purpose: str) -> npt.NDArray[np.uint64]:
    """Hash (serial number, date, seed), one uint64 per row, by mixing the day into the drive's hash.

    The mixer is the finaliser of SplitMix64 (Steele, Lea and Flood 2014).
    """
    days = dates.to_physical().cast(pl.Int64).to_numpy().astype(np.uint64)
    with np.errstate(over="ignore"):
        mixed = serial_hash(serials, seed, purpose) + days * _GOLDEN
        mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX_1
        mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX_2
        mixed = mixed ^ (mixed >> np.uint64(31))
    return np.asarray(mixed, dtype=np.uint64)


def unit_interval(hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.float64]:
    """Turn hashes into numbers uniform in [0, 1)."""
    return (hashes >> np.uint64(11)).astype(np.float64) * 2.0**-53
