"""Decoding, against exact arithmetic on Python's integers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.smart import ATTRIBUTES, ERROR_ATTRIBUTES, PACKINGS, RAW_LIMIT, decode, vendor_of

EXACT = {
    "raw48": lambda raw: raw,
    "tempminmax": lambda raw: raw & 0xFF,
    "raw16": lambda raw: raw & 0xFFFF,
    "raw16(raw16)": lambda raw: raw & 0xFFFF,
    "raw24(raw8)": lambda raw: raw & 0xFFFFFF,
    "raw24/raw32": lambda raw: raw >> 32,
}
RAW = st.integers(0, RAW_LIMIT - 1) | st.integers(0, 47).map(lambda bit: 2**bit)


def decoded(attribute: int, raw: float, *, seagate: bool) -> float:
    return float(decode(np.array([[raw]]), [attribute], np.array([seagate]))[0, 0])


def test_every_packing_has_an_exact_counterpart() -> None:
    assert EXACT.keys() == PACKINGS.keys()


@given(raw=RAW, attribute=st.sampled_from(sorted(ATTRIBUTES)), seagate=st.booleans())
def test_decoding_is_exact(raw: int, attribute: int, seagate: bool) -> None:
    rule = ATTRIBUTES[attribute].rule("seagate" if seagate else "other")
    assert decoded(attribute, float(raw), seagate=seagate) == EXACT[rule](raw)


@given(st.lists(st.tuples(RAW | st.none(), st.booleans()), max_size=20))
def test_rows_of_both_vendors_are_decoded_side_by_side(rows: list[tuple[int | None, bool]]) -> None:
    raw = np.array([[np.nan if value is None else value] * 2 for value, _ in rows]).reshape(-1, 2)
    seagate = np.array([vendor for _, vendor in rows], dtype=bool)
    values = decode(raw, [188, 7], seagate)
    for (value, vendor), got in zip(rows, values.tolist(), strict=True):
        if value is None:
            assert np.isnan(got).all()
        else:
            assert got == ([value & 0xFFFF, value >> 32] if vendor else [value, value])


def test_the_packed_command_timeout_of_seagate() -> None:
    assert decoded(188, 4295032833, seagate=True) == 1
    assert decoded(188, 4295032833, seagate=False) == 4295032833


def test_values_above_what_float32_can_count_stay_apart() -> None:
    assert decoded(241, 2**24 + 1, seagate=True) == 16777217
    assert decoded(241, 2**48 - 1, seagate=True) == 281474976710655


def test_missing_stays_missing_and_the_input_is_not_changed() -> None:
    raw = np.array([[np.nan, 65537.0]])
    values = decode(raw, [187, 5], np.array([True]))
    assert np.isnan(values[0, 0])
    assert values[0, 1] == 1
    assert raw[0, 1] == 65537


def test_minus_zero_is_zero() -> None:
    assert not np.signbit(decoded(187, -0.0, seagate=True))


@pytest.mark.parametrize(
    ("model", "vendor"),
    [
        ("ST4000DM000", "seagate"),
        ("Seagate ST4000DM000", "seagate"),
        (" st12000nm0007 ", "seagate"),
        ("Seagate BarraCuda 120 SSD ZA250CM10003", "other"),
        ("WDC WD30EFRX", "other"),
        ("STEC Z16", "other"),
        ("ST", "other"),
        ("", "other"),
    ],
)
def test_vendor(model: str, vendor: str) -> None:
    assert vendor_of(model) == vendor


def test_the_table() -> None:
    assert list(ATTRIBUTES) == sorted(ATTRIBUTES)
    assert set(ERROR_ATTRIBUTES) <= ATTRIBUTES.keys()
    assert ATTRIBUTES[187].column == "smart_187_raw"
    assert {a.id for a in ATTRIBUTES.values() if not a.counter} == {190, 194}
