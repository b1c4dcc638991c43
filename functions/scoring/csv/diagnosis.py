"""Faults of a line, value by value, from its text.

The parser's own conversion gives up on a whole block where one value does not convert, and takes a few
spellings that mean nothing (``-nan``). Here every line is judged from its text alone, so that its verdict and
the words of it do not depend on its neighbours. A value that the fast conversion accepts is accepted here
too, and is equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from functions.scoring.csv.large_numbers import large_numbers
from functions.scoring.raw_values import SIX_BYTES
from functions.scoring.smart import ATTRIBUTES
from functions.scoring.telemetry import (
    EXPECTED,
    FIRST_DATE,
    LAST_DATE,
    MISSING,
    NUMBER,
    TEXT_LIMITS,
    expected_raw,
    show_value,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_SPACE, _DELETE = ord(" "), 0x7F
_DATE = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Values of n lines, and the faults of some of them.

    Attributes
    ----------
    faults : dict of int to (str, str)
        Code and reason by index; the first fault of a line: date, serial number, model, then raw values.
    dates : (n,) array of datetime64[D]
        Not-a-time where faulty.
    raw : dict of int to (n,) array of float64
        By SMART attribute; NaN where missing or faulty.
    """

    faults: dict[int, tuple[str, str]]
    dates: NDArray[np.datetime64]
    raw: dict[int, NDArray[np.float64]]


def diagnose(
    dates: pa.StringArray, serials: pa.StringArray, models: pa.StringArray, raw: Mapping[int, pa.StringArray]
) -> Diagnosis:
    """Judge n lines by the texts of their fields; *raw* is by SMART attribute."""
    faults: dict[int, tuple[str, str]] = {}

    def fault(good: NDArray[np.bool_], code: str, column: str, texts: pa.StringArray, expected: str) -> None:
        for index in np.flatnonzero(~good):
            text = texts[index].as_py()
            found = show_value(text) if text.strip() else "empty"
            faults.setdefault(int(index), (code, f"{column} is {found}, expected {expected}"))

    days, good = _dates(dates)
    fault(good, "bad_date", "date", dates, EXPECTED["date"])
    for column, texts in (("serial_number", serials), ("model", models)):
        fault(good_text(texts, TEXT_LIMITS[column]), f"bad_{column}", column, texts, EXPECTED[column])
    values = {}
    for attribute, texts in raw.items():
        values[attribute], good = _numbers(texts, attribute, models)
        fault(good, "bad_value", ATTRIBUTES[attribute].column, texts, expected_raw(attribute))
    return Diagnosis(faults, days, values)


def good_text(column: pa.StringArray, limit: int) -> NDArray[np.bool_]:
    """Return which texts, trimmed, have 1 to `limit` characters, all printable."""
    if _no_spaces(column):
        size = pc.binary_length(column)
        return _bools(pc.and_(pc.greater(size, 0), pc.less_equal(size, limit)))
    trimmed = pc.utf8_trim_whitespace(column)
    length = pc.utf8_length(trimmed)
    good = _bools(
        pc.and_(pc.and_(pc.greater(length, 0), pc.less_equal(length, limit)), pc.utf8_is_printable(trimmed))
    )
    beyond = np.flatnonzero(good & ~_bools(pc.string_is_ascii(trimmed)))
    if len(beyond):
        # Arrow takes code points for printable that are none yet; `read_text`, for one drive, does not.
        good = good.copy()
        good[beyond] = [text.isprintable() for text in trimmed.take(pa.array(beyond)).to_pylist()]
    return good


def _no_spaces(column: pa.StringArray) -> bool:
    """Tell whether all characters are printable ASCII other than the space, which is quick to see."""
    data = column.buffers()[2]
    if data is None or not data.size:
        return False
    found = np.frombuffer(data, dtype=np.uint8)
    return bool(((found > _SPACE) & (found < _DELETE)).all())


def good_dates(days: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    """Return which days telemetry can be of."""
    return (days >= np.datetime64(FIRST_DATE)) & (days <= np.datetime64(LAST_DATE))


def good_numbers(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which values a raw value can have in any packing; NaN is not one of them."""
    with np.errstate(invalid="ignore"):
        good: NDArray[np.bool_] = (values >= 0) & (values < SIX_BYTES) & (values == np.floor(values))
        return good


def _dates(texts: pa.StringArray) -> tuple[NDArray[np.datetime64], NDArray[np.bool_]]:
    trimmed = pc.utf8_trim_whitespace(texts)
    # strptime takes 30 February for 2 March, hence the way back.
    again = pc.strftime(pc.strptime(trimmed, "%Y-%m-%d", "s", error_is_null=True), "%Y-%m-%d")
    real = pc.fill_null(pc.equal(again, trimmed), fill_value=False)
    real = pc.and_(pc.match_substring_regex(trimmed, _DATE), real)
    days = days_of(pc.if_else(real, trimmed, None).cast(pa.date32()))
    return days, good_dates(days)


def days_of(dates: pa.Date32Array) -> NDArray[np.datetime64]:
    """Return dates as datetime64[D], not-a-time for null."""
    days: NDArray[np.datetime64] = dates.cast(pa.int32()).fill_null(0).to_numpy().astype("datetime64[D]")
    if dates.null_count:
        days[_bools(dates.is_null())] = np.datetime64("NaT", "D")
    return days


def _numbers(
    texts: pa.StringArray, attribute: int, models: pa.StringArray
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the raw values to be decoded, and which of them are right or missing; NaN where not right."""
    trimmed = pc.utf8_trim_whitespace(texts)
    missing = _bools(pc.is_in(trimmed, value_set=pa.array(MISSING)))
    number = pc.match_substring_regex(trimmed, f"^{NUMBER}$")
    values = pc.if_else(number, trimmed, None).cast(pa.float64()).to_numpy(zero_copy_only=False)
    good = missing | good_numbers(values)
    large = np.flatnonzero(values >= SIX_BYTES)
    values = np.where(good, values, np.nan)
    if len(large):
        at = pa.array(large)
        values[large] = large_numbers(trimmed.take(at), models.take(at), attribute)
        good[large] = ~np.isnan(values[large])
    return values, good


def _bools(column: pa.BooleanArray) -> NDArray[np.bool_]:
    values: NDArray[np.bool_] = column.to_numpy(zero_copy_only=False)
    return values
