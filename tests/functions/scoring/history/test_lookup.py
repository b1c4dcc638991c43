from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.history import lookup
from functions.scoring.history.lookup import Snapshot, joined, read_part
from functions.scoring.serial_keys import serial_keys
from tests.functions.scoring.history.test_snapshots import NAN, find, write

TEXTS = st.text(st.sampled_from("abcé"), min_size=1, max_size=20) | st.sampled_from(
    [letter * count for letter in "aé" for count in (15, 16, 17, 31, 32, 33, 34, 64)]
)


@given(
    known=st.lists(TEXTS, unique=True),
    asked=st.lists(TEXTS),
)
def test_exactly_the_drives_that_are_there_are_found(known: list[str], asked: list[str]) -> None:
    there = Snapshot(
        serial_keys(pa.array(known, type=pa.string())), np.arange(len(known), dtype=float)[:, np.newaxis]
    )
    found = there.find(serial_keys(pa.array(asked, type=pa.string())))[:, 0].tolist()
    np.testing.assert_equal(found, [known.index(serial) if serial in known else NAN for serial in asked])


def test_the_last_row_of_the_last_file_counts(tmp_path: Path) -> None:
    first = write(tmp_path, ["A", "A", "B"], [[1, 1], [2, 2], [3, 3]])
    second = write(tmp_path, ["B"], [[4, 4]])
    assert find([first, second], ["A", "B"]) == [[2, 2], [4, 4]]
    assert find([second, first], ["A", "B"]) == [[2, 2], [3, 3]]


def test_counters_a_snapshot_lacks_are_missing(tmp_path: Path) -> None:
    content = write(tmp_path, ["A"], [[1, 2]])
    found = joined([read_part(content, (5, 9))])
    assert found is not None
    np.testing.assert_equal(found.counters, [[1, NAN]])


def test_serial_numbers_that_share_a_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    def same(serials: np.ndarray) -> np.ndarray:
        return np.zeros(len(serials), dtype=np.uint64)

    monkeypatch.setattr(lookup, "serial_hashes", same)
    there = Snapshot(serial_keys(pa.array(["B", "A", "B", "C"])), np.array([[1.0], [2.0], [3.0], [4.0]]))
    asked = serial_keys(pa.array(["A", "B", "C", "D"]))
    np.testing.assert_equal(there.find(asked)[:, 0], [2, 3, 4, NAN])


@given(
    few=st.lists(st.integers(0, 2**64 - 1) | st.sampled_from([0, 1, 2**32, 2**48, 2**64 - 1])),
    times=st.integers(1, 40),
)
def test_rows_are_sorted_by_hash_and_equal_ones_keep_their_order(few: list[int], times: int) -> None:
    """Above some thousand rows numpy sorts otherwise than below."""
    hashes = np.array(few * times, dtype=np.uint64)
    for each in (hashes, np.tile(hashes, 50), hashes & np.uint64(2**32 - 1), hashes << np.uint64(40)):
        np.testing.assert_array_equal(lookup._order(each), np.argsort(each, kind="stable"))


def test_serial_numbers_of_any_length_and_letters_in_one_day(tmp_path: Path) -> None:
    first = write(tmp_path, ["A", "A" * 64], [[1, 1], [2, 2]])
    second = write(tmp_path, ["é", "A" * 8], [[3, 3], [4, 4]])
    assert find([first, second], ["A" * 64, "é", "A" * 8, "A"]) == [[2, 2], [3, 3], [4, 4], [1, 1]]


def test_no_drives_at_all() -> None:
    there = Snapshot(serial_keys(pa.array([], type=pa.string())), np.zeros((0, 2)))
    assert np.isnan(there.find(serial_keys(pa.array(["A"])))).all()
