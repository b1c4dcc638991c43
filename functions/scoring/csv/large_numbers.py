"""Raw values of seven and eight bytes from their text: float64 does not count all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from functions.scoring.drive_database import drive_facts
from functions.scoring.raw_values import EXACT_LIMIT, exact, packing_of
from functions.scoring.telemetry import TEXT_LIMITS, whole_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from functions.scoring.raw_values import Packing

_DIGITS = r"^[0-9]{1,19}$"
"""A whole number that 64 bits hold for certain."""


def large_numbers(texts: pa.StringArray, models: pa.StringArray, attribute: int) -> NDArray[np.float64]:
    """Return what `functions.scoring.raw_values.exact` makes of raw values, NaN where it cannot.

    Parameters
    ----------
    texts : (n,) string array
        Numbers from 2**48 on.
    models : (n,) string array
        The drive models, with blanks around them or not: how a value is packed depends on them.
    attribute : int
        The SMART attribute.
    """
    plain = pc.match_substring_regex(texts, _DIGITS)
    numbers = pc.if_else(plain, texts, "0").cast(pa.uint64()).to_numpy()
    encoded = pc.dictionary_encode(models)
    packings = [_packing(name.strip(), attribute) for name in encoded.dictionary.to_pylist()]
    indices = encoded.indices.to_numpy()
    bits = np.array([packing.bits for packing in packings], dtype=np.uint64)[indices]
    is_whole = np.array([packing.unpack is None for packing in packings], dtype=bool)[indices]
    most = np.array([packing.limit - 1 for packing in packings], dtype=np.uint64)[indices]
    # What a packing reads has few enough bits, and a whole value of 2**53 or more too many.
    beyond = (numbers > most) | (is_whole & (numbers >= EXACT_LIMIT))
    values = np.where(beyond, np.nan, (numbers & bits).astype(np.float64))
    for index in np.flatnonzero(~plain.to_numpy(zero_copy_only=False)).tolist():
        number = whole_number(texts[index].as_py())
        value = None if number is None else exact(number, packings[indices[index]])
        values[index] = np.nan if value is None else value
    return values


def _packing(model: str, attribute: int) -> Packing:
    known = model if len(model) <= TEXT_LIMITS["model"] else ""
    return packing_of(attribute, drive_facts(known).formats)
