"""How raw SMART values are packed, and decoding them: of many rows, of one, and of values beyond float64.

What the bytes hold depends on the attribute and the drive: one count, a count with extra words above it, or
two counters side by side. Packings are called as smartmontools calls them (``smartctl -v ID,FORMAT``), and
hold what its ``ata_format_attr_raw_value`` prints first; which a drive uses says
`functions.scoring.drive_database`.

Raw values are held as float64. Every whole number below 2**53 is exact there, and remainder and floor
division by a power of two are exact as well. float32 is not: it is wrong from 2**24 on, which is why decoding
comes before any cast. Values have up to eight bytes: from 2**53 on they are read as integers, and `exact`
leaves of them the bits that their packing reads, before they become float64.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions.scoring.drive_database import drive_facts, layouts
from functions.scoring.smart import ATTRIBUTES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SIX_BYTES = 2**48
"""Raw values below it are right in any packing; a larger one where its packing has more bytes."""

SEVEN_BYTES = 2**56
RAW_LIMIT = 2**64
"""Raw values are at most eight bytes: smartctl adds a reserved byte to six for ``raw56``, ``raw24/raw32`` and
``msec24hour32``, and two for ``raw64`` (``ata_get_attr_raw_value``)."""

EXACT_LIMIT = 2**53
"""Decoded values are below it: as far as float64 counts every whole number."""

type Unpack = Callable[[NDArray[np.float64]], NDArray[np.float64]]
type UnpackOne = Callable[[float], float]


class Packing(NamedTuple):
    """One way of packing raw values.

    Attributes
    ----------
    bits : int
        Those that are read; the others have no bearing on the decoded value.
    unpack, unpack_one : callable or None
        Decoder of a float64 array, and of one float with the same results; None: values are what they are.
    limit : int
        Raw values are below it.
    """

    bits: int
    unpack: Unpack | None
    unpack_one: UnpackOne | None
    limit: int = SIX_BYTES


def _low(bits: int, unit: int = 1) -> Packing:
    """Pack a value in the low bits, in parts of a unit: minutes of hours. Whole units are counted."""
    modulus, divisor = float(2**bits), float(unit)
    if unit == 1:
        return Packing(2**bits - 1, lambda raw: _remainder(raw, modulus), lambda raw: raw % modulus)
    return Packing(
        2**bits - 1,
        lambda raw: np.floor(_remainder(raw, modulus) / divisor),
        lambda raw: (raw % modulus) // divisor,
    )


def _remainder(raw: NDArray[np.float64], modulus: float) -> NDArray[np.float64]:
    """Return the remainder of a division by a power of two: exact, and several times as fast as fmod."""
    return raw - np.floor(raw * (1 / modulus)) * modulus


def _high(bits: int, above: int) -> Packing:
    """Pack a value of some bits above the bits of another."""
    modulus, divisor = float(2 ** (above + bits)), float(2**above)
    return Packing(
        (2**bits - 1) << above,
        lambda raw: np.floor(_remainder(raw, modulus) * (1 / divisor)),
        lambda raw: (raw % modulus) // divisor,
    )


_WHOLE = Packing(RAW_LIMIT - 1, None, None)

PACKINGS: dict[str, Packing] = {
    "raw48": _WHOLE,
    "raw56": _WHOLE._replace(limit=SEVEN_BYTES),
    "raw64": _WHOLE._replace(limit=RAW_LIMIT),
    "raw8": _low(8),
    "raw16": _low(16),
    "raw16(raw16)": _low(16),
    # Hours, which smartctl may know as msec24hour32 on a drive that is not in our table.
    "raw24(raw8)": _low(24)._replace(limit=SEVEN_BYTES),
    "raw24/raw24": _high(24, 24),
    "raw24/raw32": _high(24, 32)._replace(limit=SEVEN_BYTES),
    "msec24hour32": _low(32)._replace(limit=SEVEN_BYTES),
    "sec2hour": _low(48, 60 * 60),
    "min2hour": _low(32, 60),
    "halfmin2hour": _low(48, 2 * 60),
    "tempminmax": _low(8),
    "temp10x": _low(16, 10),
}
"""Packings by name. A missing value, NaN, stays missing."""


def packing_of(attribute: int, formats: Mapping[int, str]) -> Packing:
    """Return how an attribute is packed on a drive of these `DriveFacts.formats`."""
    return PACKINGS[formats.get(attribute, ATTRIBUTES[attribute].packing)]


def exact(value: int, packing: Packing) -> float | None:
    """Return a float64 that decodes as a whole number of up to eight bytes does; None where there is none."""
    # All but whole values are read from few enough bits.
    there_is_one = value < packing.limit and (packing.unpack is not None or value < EXACT_LIMIT)
    return float(value & packing.bits) if there_is_one else None


def layouts_of(models: Sequence[str], families: Sequence[str] = ()) -> NDArray[np.uint8]:
    """Return the layout of the raw values of every drive model, (n,), as numbers of `layouts`.

    *families* are those that smartctl states, one for each model, or none at all.
    """
    facts = map(drive_facts, models, families) if families else map(drive_facts, models)
    return np.fromiter((each.layout for each in facts), dtype=np.uint8, count=len(models))


def decode(
    raw: NDArray[np.float64], attributes: Sequence[int], layout: NDArray[np.uint8]
) -> NDArray[np.float64]:
    """Decode raw SMART values.

    Parameters
    ----------
    raw : (n, k) array of float64
        Raw values: whole numbers from 0 to 2**53 - 1, or what `exact` makes of larger ones; NaN where the
        drive does not report the attribute.
    attributes : sequence of int, length k
        The attribute of each column; all in `ATTRIBUTES`.
    layout : (n,) array of uint8
        The layout of each row, see `layouts_of`.

    Returns
    -------
    (n, k) array of float64
        Decoded values in the attributes' units, NaN kept.
    """
    decoded = raw + 0.0  # a raw value written as -0 is 0, in sentences too
    present: list[int] = np.flatnonzero(np.bincount(layout)).tolist()
    for column, unpacks in _decoders(tuple(attributes)):
        values = decoded[:, column]
        wanted = dict.fromkeys(unpacks[number] for number in present)
        if len(wanted) == 1:
            unpack = unpacks[present[0]]
            if unpack is not None:
                decoded[:, column] = unpack(values)
            continue
        raw_values = values.copy()
        for unpack in wanted:
            if unpack is not None:
                mine = np.array([each is unpack for each in unpacks])[layout]
                np.copyto(values, unpack(raw_values), where=mine)
    return decoded


@lru_cache(maxsize=64)
def _decoders(attributes: tuple[int, ...]) -> list[tuple[int, list[Unpack | None]]]:
    """Return the columns that are not packed whole everywhere, with the decoders by number of the layout."""
    found = [
        (column, [packing_of(attribute, formats).unpack for formats in layouts()])
        for column, attribute in enumerate(attributes)
    ]
    return [(column, unpacks) for column, unpacks in found if any(unpacks)]


def decode_row(
    raw: Sequence[float | None] | NDArray[np.float64], attributes: tuple[int, ...], layout: int
) -> list[float]:
    """Decode the raw values of one row, None or NaN where missing, as `decode` does of many."""
    values = raw.tolist() if isinstance(raw, np.ndarray) else raw
    decoded = [math.nan if value is None else value + 0.0 for value in values]
    for column, unpack in _row_decoders(attributes, layout):
        decoded[column] = unpack(decoded[column])
    return decoded


@lru_cache(maxsize=256)
def _row_decoders(attributes: tuple[int, ...], layout: int) -> list[tuple[int, UnpackOne]]:
    """Return the columns whose raw values are not packed whole in a layout, with their decoders."""
    found = [packing_of(attribute, layouts()[layout]).unpack_one for attribute in attributes]
    return [(column, unpack) for column, unpack in enumerate(found) if unpack is not None]
