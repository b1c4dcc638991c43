from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.serial_keys import KEY_BYTES, serial_hashes, serial_keys

TEXTS = st.text(st.sampled_from("abcé"), min_size=1, max_size=20) | st.sampled_from(
    [letter * count for letter in "aé" for count in (15, 16, 17, 31, 32, 33, 34, 64)]
)


@given(serials=st.lists(TEXTS, min_size=1), width=st.integers(1, 30))
def test_a_hash_does_not_depend_on_the_width_of_the_array(serials: list[str], width: int) -> None:
    keys = serial_keys(pa.array(serials))
    wider = keys.astype(f"S{keys.dtype.itemsize + width}")
    np.testing.assert_array_equal(serial_hashes(keys), serial_hashes(wider))
    assert len(set(serial_hashes(keys).tolist())) == len(set(serials))


@given(st.lists(st.text("aé", min_size=1, max_size=64), unique=True, max_size=40))
def test_keys_are_as_different_as_serial_numbers_and_no_wider_than_they_may(serials: list[str]) -> None:
    keys = serial_keys(pa.array(serials, type=pa.string()))
    assert len(set(keys.tolist())) == len(serials)
    assert keys.dtype.itemsize <= KEY_BYTES
    for serial, key in zip(serials, keys.tolist(), strict=True):
        assert serial_keys(pa.array([serial])).tolist() == [key]
        if len(serial.encode()) <= KEY_BYTES:
            assert key == serial.encode()
