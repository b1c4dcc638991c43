"""Decoding, against exact arithmetic on Python's integers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.drive_database import layouts
from functions.scoring.raw_values import (
    EXACT_LIMIT,
    PACKINGS,
    RAW_LIMIT,
    decode,
    decode_row,
    exact,
    layouts_of,
    packing_of,
)
from functions.scoring.smart import ATTRIBUTES

EXACT = {
    "raw48": lambda raw: raw,
    "raw56": lambda raw: raw,
    "raw64": lambda raw: raw,
    "raw8": lambda raw: raw & 0xFF,
    "raw16": lambda raw: raw & 0xFFFF,
    "raw16(raw16)": lambda raw: raw & 0xFFFF,
    "raw24(raw8)": lambda raw: raw & 0xFFFFFF,
    "raw24/raw24": lambda raw: raw >> 24 & 0xFFFFFF,
    "raw24/raw32": lambda raw: raw >> 32 & 0xFFFFFF,
    "msec24hour32": lambda raw: raw & 0xFFFFFFFF,
    "sec2hour": lambda raw: (raw & 0xFFFFFFFFFFFF) // 3600,
    "min2hour": lambda raw: (raw & 0xFFFFFFFF) // 60,
    "halfmin2hour": lambda raw: (raw & 0xFFFFFFFFFFFF) // 120,
    "tempminmax": lambda raw: raw & 0xFF,
    "temp10x": lambda raw: (raw & 0xFFFF) // 10,
}
BITS = st.integers(0, 63).flatmap(lambda bit: st.integers(-2, 2).map(lambda near: 2**bit + near))
RAW = st.one_of(st.integers(0, RAW_LIMIT - 1), st.integers(0, EXACT_LIMIT - 1), BITS).filter(
    lambda raw: 0 <= raw < RAW_LIMIT
)
LAYOUTS = st.integers(0, len(layouts()) - 1)
SEAGATE = 1


def decoded(attribute: int, raw: float, layout: int) -> float:
    return float(decode(np.array([[raw]]), [attribute], np.array([layout], dtype=np.uint8))[0, 0])


def test_every_packing_has_an_exact_counterpart() -> None:
    assert EXACT.keys() == PACKINGS.keys()


@given(raw=RAW, attribute=st.sampled_from(sorted(ATTRIBUTES)), layout=LAYOUTS)
def test_decoding_is_exact_up_to_eight_bytes(raw: int, attribute: int, layout: int) -> None:
    name = layouts()[layout].get(attribute, ATTRIBUTES[attribute].packing)
    wanted = EXACT[name](raw)
    packing = packing_of(attribute, layouts()[layout])
    number = exact(raw, packing)
    assert (number is None) == (raw >= packing.limit or wanted >= EXACT_LIMIT)
    if number is not None:
        assert decoded(attribute, number, layout) == wanted
        assert decode_row([number], (attribute,), layout) == [wanted]
    if raw < EXACT_LIMIT:
        assert decoded(attribute, float(raw), layout) == wanted


@given(raw=RAW, packing=st.sampled_from(sorted(PACKINGS)))
def test_every_packing_is_exact(raw: int, packing: str) -> None:
    number = exact(raw, PACKINGS[packing])
    assert (number is None) == (raw >= PACKINGS[packing].limit or EXACT[packing](raw) >= EXACT_LIMIT)
    unpack, unpack_one = PACKINGS[packing].unpack, PACKINGS[packing].unpack_one
    if number is not None and unpack is not None and unpack_one is not None:
        assert unpack(np.array([number])).tolist() == [unpack_one(number)] == [EXACT[packing](raw)]


@given(st.lists(st.tuples(st.integers(0, EXACT_LIMIT - 1) | st.none(), LAYOUTS), max_size=20))
def test_rows_of_several_layouts_are_decoded_side_by_side(rows: list[tuple[int | None, int]]) -> None:
    attributes = tuple(ATTRIBUTES)
    raw = np.array([[np.nan if value is None else value] * len(attributes) for value, _ in rows])
    layout = np.array([number for _, number in rows], dtype=np.uint8)
    values = decode(raw.reshape(-1, len(attributes)), attributes, layout)
    for (value, number), got in zip(rows, values, strict=True):
        np.testing.assert_array_equal(got, decode_row([value] * len(attributes), attributes, number))


@pytest.mark.parametrize("model", ["ST4000DM000", "OOS14000G", "TOSHIBA MG07ACA14TA", "anything"])
def test_command_timeouts_beyond_16_bits_are_three_words_whatever_the_drive_is_called(model: str) -> None:
    (layout,) = layouts_of([model]).tolist()
    assert decoded(188, 4295032833, layout) == 1
    assert decoded(188, 65535, layout) == 65535


def test_layouts_go_by_the_model_and_by_a_stated_family() -> None:
    assert layouts_of([]).tolist() == []
    assert layouts_of(["ST4000DM000", "HGST HMS5C4040ALE640"]).tolist() == [SEAGATE, 0]
    assert layouts_of(["X", "X"], ["Seagate Exos X18", ""]).tolist() == [SEAGATE, 0]


def test_values_above_what_float32_can_count_stay_apart() -> None:
    assert decoded(241, 2**24 + 1, SEAGATE) == 16777217
    assert decoded(241, 2**53 - 1, SEAGATE) == 9007199254740991


def test_missing_stays_missing_and_the_input_is_not_changed() -> None:
    raw = np.array([[np.nan, 65537.0]])
    values = decode(raw, [187, 5], np.array([SEAGATE], dtype=np.uint8))
    assert np.isnan(values[0, 0])
    assert values[0, 1] == 1
    assert raw[0, 1] == 65537


def test_minus_zero_is_zero() -> None:
    assert not np.signbit(decoded(187, -0.0, SEAGATE))
