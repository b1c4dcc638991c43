from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.drive_keys import KEY_BYTES, DriveKeys, is_among, model_hashes, text_hashes, text_keys

TEXTS = st.text(st.sampled_from("abcé"), min_size=1, max_size=20) | st.sampled_from(
    [letter * count for letter in "aé" for count in (15, 16, 17, 31, 32, 33, 34, 64)]
)


@given(serials=st.lists(TEXTS, min_size=1), width=st.integers(1, 30))
def test_a_hash_does_not_depend_on_the_width_of_the_array(serials: list[str], width: int) -> None:
    keys = text_keys(pa.array(serials))
    wider = keys.astype(f"S{keys.dtype.itemsize + width}")
    np.testing.assert_array_equal(text_hashes(keys), text_hashes(wider))
    assert len(set(text_hashes(keys).tolist())) == len(set(serials))


@given(st.lists(st.text("aé", min_size=1, max_size=64), unique=True, max_size=40))
def test_keys_are_as_different_as_serial_numbers_and_no_wider_than_they_may(serials: list[str]) -> None:
    keys = text_keys(pa.array(serials, type=pa.string()))
    assert len(set(keys.tolist())) == len(serials)
    assert keys.dtype.itemsize <= KEY_BYTES
    for serial, key in zip(serials, keys.tolist(), strict=True):
        assert text_keys(pa.array([serial])).tolist() == [key]
        if len(serial.encode()) <= KEY_BYTES:
            assert key == serial.encode()


DRIVES = st.lists(st.tuples(TEXTS, TEXTS), max_size=40)


@given(DRIVES)
def test_drives_are_as_different_as_their_serial_numbers_and_models(drives: list[tuple[str, str]]) -> None:
    """However often a model is in the dictionary, and in whichever order."""
    serials, models = (pa.array([drive[part] for drive in drives], pa.string()) for part in (0, 1))
    keys = DriveKeys.of(serials, model_hashes(models.dictionary_encode()))
    pairs = list(zip(keys.serials.tolist(), keys.by_drive.tolist(), strict=True))
    assert len(set(pairs)) == len(set(drives)) == len(set(keys.by_drive.tolist()))
    for drive, pair in zip(drives, pairs, strict=True):
        alone = DriveKeys.of(pa.array([drive[0]]), model_hashes(pa.array([drive[1]]).dictionary_encode()))
        assert (alone.serials[0], alone.by_drive[0]) == pair
        assert alone.by_drive[0] != alone.by_serial[0]


def test_the_hash_of_a_model_is_what_snapshots_have() -> None:
    """A change of these numbers takes every drive's history from it."""
    models = ["ST4000DM000", "HGST HMS5C4040ALE640", "ATA", "a model that an enclosure makes up at length"]
    assert model_hashes(pa.array(models).dictionary_encode()).tolist() == [
        6417871010389197394,
        3406911868653396509,
        16950373611896151105,
        15419479242385399526,
    ]


@given(st.lists(st.integers(0, 2**64 - 1)), st.lists(st.integers(0, 2**64 - 1), unique=True))
def test_which_hashes_are_among_some(hashes: list[int], some: list[int]) -> None:
    asked = np.array([*hashes, *some], np.uint64)
    expected = [each in some for each in (*hashes, *some)]
    assert is_among(asked, np.sort(np.array(some, np.uint64))).tolist() == expected
