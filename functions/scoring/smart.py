"""SMART attributes Drivecast understands: names, units, meaning, and how their raw values are packed.

A raw value is six bytes. What the bytes hold depends on the attribute and the vendor: one count, a count with
extra words above it, or two counters side by side. The rules here follow smartmontools' drive database
(``drivedb.h``): the default formats (``raw16(raw16)`` for 5 and 196, ``raw24(raw8)`` for 9, ``tempminmax``
for 190 and 194) and Seagate's own layout of 1, 7, 188 and 195.

Raw values are held as float64. Every whole number below 2**53 is exact there, a six-byte value fits with room
to spare, and remainder and floor division by a power of two are exact as well. float32 is not: it is wrong
from 2**24 on, which is why decoding comes before any cast.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    type Unpack = Callable[[NDArray[np.float64]], NDArray[np.float64]]
    type UnpackOne = Callable[[float], float]

RAW_LIMIT = 2**48
"""Raw values are six bytes: 0 to 2**48 - 1."""

Vendor = Literal["seagate", "other"]


@dataclass(frozen=True, slots=True)
class SmartAttribute:
    """One SMART attribute.

    Attributes
    ----------
    id : int
        1 to 254.
    phrase : str
        The beginning of a sentence about it: "Reallocated sectors".
    unit : str
        Unit of the decoded value.
    meaning : str
        Of a rise, in plain words.
    advice : str
        To a technician.
    packing, seagate_packing : str
        Key of `PACKINGS`: how the raw value is decoded, and how for Seagate's drives.
    counter : bool
        Whether the value only grows in a drive's life, so that its change over days means something and is
        kept in history snapshots.
    """

    id: int
    name: str
    phrase: str
    unit: str
    meaning: str
    advice: str
    packing: str = "raw48"
    seagate_packing: str = ""
    counter: bool = True

    @property
    def column(self) -> str:
        """The telemetry column that carries the raw value."""
        return f"smart_{self.id}_raw"

    def rule(self, vendor: Vendor) -> str:
        """Return the key of `PACKINGS` that decodes this attribute on a vendor's drives."""
        return self.seagate_packing or self.packing if vendor == "seagate" else self.packing


def _whole(raw: NDArray[np.float64]) -> NDArray[np.float64]:
    return raw


def _low(bits: int) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    modulus = float(2**bits)
    return lambda raw: np.fmod(raw, modulus)


def _above_32(raw: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.floor(raw / 2.0**32)


PACKINGS: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "raw48": _whole,
    "tempminmax": _low(8),
    "raw16": _low(16),
    "raw16(raw16)": _low(16),
    "raw24(raw8)": _low(24),
    "raw24/raw32": _above_32,
}
"""Decoders of raw values, each a function of a float64 array; NaN (missing) stays NaN."""

_CABLE = "Check the cable, the backplane and the power supply before you replace the drive."
_COPY = "Back up the drive now, run an extended self-test and plan its replacement."
_WATCH = "No action by itself; read it together with the error counters."

ATTRIBUTES: dict[int, SmartAttribute] = {
    attribute.id: attribute
    for attribute in (
        SmartAttribute(
            1, "Read Error Rate", "Read errors", "errors",
            "The head could not read the platter at the first try.", _COPY, seagate_packing="raw24/raw32",
        ),
        SmartAttribute(
            5, "Reallocated Sectors Count", "Reallocated sectors", "sectors",
            "Bad sectors were replaced with spare ones.", _COPY, packing="raw16(raw16)",
        ),
        SmartAttribute(
            7, "Seek Error Rate", "Seek errors", "errors",
            "The head missed its track.", _COPY, seagate_packing="raw24/raw32",
        ),
        SmartAttribute(
            9, "Power-On Hours", "Power-on hours", "hours",
            "The drive's age in use.", _WATCH, packing="raw24(raw8)",
        ),
        SmartAttribute(
            10, "Spin Retry Count", "Spin-up retries", "retries",
            "The motor did not reach its speed at the first try.", _COPY,
        ),
        SmartAttribute(
            184, "End-to-End Error", "End-to-end errors", "errors",
            "Data was damaged between the host and the platter.", _COPY,
        ),
        SmartAttribute(
            187, "Reported Uncorrectable Errors", "Uncorrectable errors reported to the host", "errors",
            "Reads failed even after error correction.", _COPY,
        ),
        SmartAttribute(
            188, "Command Timeout", "Command time-outs", "time-outs",
            "The drive did not answer in time.", _CABLE, seagate_packing="raw16",
        ),
        SmartAttribute(
            189, "High Fly Writes", "High-fly writes", "writes",
            "The head flew too high while writing.", _COPY,
        ),
        SmartAttribute(
            190, "Airflow Temperature", "Airflow temperature", "°C",
            "Temperature inside the case.", "Check the cooling.", packing="tempminmax", counter=False,
        ),
        SmartAttribute(
            192, "Power-Off Retract Count", "Emergency head retracts", "retracts",
            "Power went away while the heads were loaded.", _CABLE,
        ),
        SmartAttribute(
            193, "Load Cycle Count", "Load cycles", "cycles",
            "How often the heads were parked.", _WATCH,
        ),
        SmartAttribute(
            194, "Temperature", "Temperature", "°C",
            "Temperature of the drive.", "Check the cooling.", packing="tempminmax", counter=False,
        ),
        SmartAttribute(
            196, "Reallocation Event Count", "Reallocation events", "events",
            "How often the drive moved data off bad sectors.", _COPY, packing="raw16(raw16)",
        ),
        SmartAttribute(
            197, "Current Pending Sector Count", "Pending sectors", "sectors",
            "Unreadable sectors wait to be replaced.", _COPY,
        ),
        SmartAttribute(
            198, "Offline Uncorrectable Sector Count", "Offline uncorrectable sectors", "sectors",
            "A background scan found sectors it could not read.", _COPY,
        ),
        SmartAttribute(
            199, "UltraDMA CRC Error Count", "Transfer errors", "errors",
            "Data was damaged on the cable.", _CABLE,
        ),
        SmartAttribute(
            241, "Total LBAs Written", "Blocks written", "blocks",
            "How much was written.", _WATCH,
        ),
        SmartAttribute(
            242, "Total LBAs Read", "Blocks read", "blocks",
            "How much was read.", _WATCH,
        ),
    )
}  # fmt: skip
"""The attributes by number, in ascending order."""

ERROR_ATTRIBUTES = (5, 187, 188, 197, 198)
"""The five attributes whose non-zero values Backblaze ties to failure; the trade's rule of thumb."""


@lru_cache(maxsize=256)
def vendor_of(model: str) -> Vendor:
    """Return the vendor whose packing rules a drive model follows.

    Seagate's own names start with ST and a digit (``ST4000DM000``), with or without the vendor before it.
    """
    name = model.strip().upper().removeprefix("SEAGATE").strip()
    return "seagate" if name[:2] == "ST" and name[2:3].isdigit() else "other"


def seagate_rows(models: Sequence[str]) -> NDArray[np.bool_]:
    """Return which drive models follow Seagate's packing rules."""
    return np.fromiter((vendor_of(model) == "seagate" for model in models), dtype=bool, count=len(models))


def decode(
    raw: NDArray[np.float64], attributes: Sequence[int], seagate: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Decode raw SMART values.

    Parameters
    ----------
    raw : (n, k) array of float64
        Raw values, whole numbers from 0 to 2**48 - 1; NaN where the drive does not report the attribute.
    attributes : sequence of int, length k
        The attribute of each column; all in `ATTRIBUTES`.
    seagate : (n,) array of bool
        Which rows are Seagate drives, see `vendor_of`.

    Returns
    -------
    (n, k) array of float64
        Decoded values in the attributes' units, NaN kept.
    """
    decoded = raw + 0.0  # a raw value written as -0 is 0, in sentences too
    own_rows = None
    for column, other, own in _decoders(tuple(attributes)):
        values = decoded[:, column]
        if other is own:
            decoded[:, column] = other(values)
            continue
        if own_rows is None:
            own_rows = "all" if seagate.all() else "some" if seagate.any() else "none"
        if own_rows == "some":
            decoded[:, column] = np.where(seagate, own(values), other(values))
        else:
            decoded[:, column] = own(values) if own_rows == "all" else other(values)
    return decoded


@lru_cache(maxsize=64)
def _decoders(attributes: tuple[int, ...]) -> list[tuple[int, Unpack, Unpack]]:
    """Return the columns whose raw values are not whole, with the decoders of other vendors and Seagate."""
    rules = [(ATTRIBUTES[a].rule("other"), ATTRIBUTES[a].rule("seagate")) for a in attributes]
    return [
        (column, PACKINGS[other], PACKINGS[own])
        for column, (other, own) in enumerate(rules)
        if {other, own} != {"raw48"}
    ]
