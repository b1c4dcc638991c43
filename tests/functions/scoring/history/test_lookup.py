from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring import drive_keys as drive_keys_module
from functions.scoring.history import lookup
from functions.scoring.history.lookup import Snapshot, SnapshotPart, join_parts, read_part
from functions.scoring.history.snapshots import MODEL_COLUMN
from functions.scoring.seal import seal
from tests.functions.scoring.history.test_snapshots import NAN, find, write
from tests.support import snapshots as snapshots_made
from tests.support.snapshots import drive_keys, without_models

TEXTS = st.text(st.sampled_from("abcé"), min_size=1, max_size=20) | st.sampled_from(
    [letter * count for letter in "aé" for count in (15, 16, 17, 31, 32, 33, 34, 64)]
)


MODELS = st.sampled_from(["ST4000DM000", "WDC WD60EFRX", "ST4000DM000-1F2168 of an enclosure that says more"])
DRIVES = st.tuples(TEXTS, MODELS)


def snapshot(drives: Sequence[tuple[str, str]], *, names_models: bool = True) -> Snapshot:
    """One whose drives have their position as a counter."""
    keys = drive_keys([serial for serial, _ in drives], [model for _, model in drives])
    hashes = keys.by_drive if names_models else keys.by_serial
    counters = np.arange(len(drives), dtype=float)[:, np.newaxis]
    return Snapshot([SnapshotPart([keys.serials], [hashes], [counters], names_models)])


@given(known=st.lists(DRIVES, unique=True), asked=st.lists(DRIVES))
def test_exactly_the_drives_that_are_there_are_found(
    known: list[tuple[str, str]], asked: list[tuple[str, str]]
) -> None:
    asked = [*asked, *known[:3]]
    keys = drive_keys([serial for serial, _ in asked], [model for _, model in asked])
    found, by_serial = snapshot(known).find(keys)
    np.testing.assert_equal(
        found[:, 0].tolist(), [known.index(drive) if drive in known else NAN for drive in asked]
    )
    assert not by_serial.any()


@given(known=st.lists(DRIVES), asked=st.lists(DRIVES), shared=st.sets(TEXTS))
def test_without_models_a_serial_number_finds_its_drive_unless_it_is_shared(
    known: list[tuple[str, str]], asked: list[tuple[str, str]], shared: set[str]
) -> None:
    asked = [*asked, *known[:3]]
    keys = drive_keys([serial for serial, _ in asked], [model for _, model in asked])
    found, by_serial = snapshot(known, names_models=False).find(
        keys, np.array([serial in shared for serial, _ in asked], dtype=bool)
    )
    last = {serial: number for number, (serial, _) in enumerate(known)}
    expected = [NAN if serial in shared else last.get(serial, NAN) for serial, _ in asked]
    np.testing.assert_equal(found[:, 0].tolist(), expected)
    assert by_serial.tolist() == [not np.isnan(number) for number in expected]


def test_the_last_row_of_the_last_file_counts(tmp_path: Path) -> None:
    first = write(tmp_path, ["A", "A", "B"], [[1, 1], [2, 2], [3, 3]])
    second = write(tmp_path, ["B"], [[4, 4]])
    assert find([first, second], ["A", "B"]) == [[2, 2], [4, 4]]
    assert find([second, first], ["A", "B"]) == [[2, 2], [3, 3]]


def test_counters_a_snapshot_lacks_are_missing(tmp_path: Path) -> None:
    content = write(tmp_path, ["A"], [[1, 2]])
    found = join_parts([read_part(content, (5, 9))])
    assert found is not None
    np.testing.assert_equal(found.counters, [[1, NAN]])


@pytest.mark.parametrize("names_models", [True, False])
def test_drives_that_share_a_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch, names_models: bool) -> None:
    """Of models with different hashes, which is what tells drives of one serial number apart."""
    monkeypatch.setattr(drive_keys_module, "text_hashes", lambda keys: np.zeros(len(keys), dtype=np.uint64))
    monkeypatch.setattr(snapshots_made, "hashes_of", lambda models: np.array([*map(len, models)], np.uint64))
    there = snapshot([("B", "X"), ("A", "X"), ("B", "X"), ("C", "X"), ("C", "XX")], names_models=names_models)
    found, _ = there.find(drive_keys(["A", "B", "C", "C", "D"], ["X", "X", "X", "XX", "X"]))
    np.testing.assert_equal(found[:, 0], [1, 2, 3 if names_models else 4, 4, NAN])


def test_a_part_that_names_models_goes_before_one_that_does_not(tmp_path: Path) -> None:
    """Whichever comes last, and only for the drives it has."""
    new = write(tmp_path, ["A"], [[1, 1]])
    old = without_models(write(tmp_path, ["A", "B"], [[2, 2], [3, 3]]))
    for files in ([new, old], [old, new]):
        assert find(files, ["A", "B"]) == [[1, 1], [3, 3]]
    other = join_parts([read_part(content, (187,)) for content in (new, old)])
    assert other is not None
    assert other.find(drive_keys(["A"], ["another model"])).counters.tolist() == [[2]]


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["ST4000DM000"]),
        pa.array([1], pa.int64()),
        pa.array([None], pa.uint64()),
        pa.array(["ST4000DM000"]).dictionary_encode(),
    ],
)
def test_a_strange_column_of_models_is_damage(column: pa.Array) -> None:
    sink = pa.BufferOutputStream()
    table = pa.table({"serial_number": ["A"], MODEL_COLUMN: column, "smart_5": pa.array([1])})
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    with pytest.raises(pa.ArrowInvalid, match=MODEL_COLUMN):
        read_part(seal(sink.getvalue().to_pybytes()), (5,))


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


@pytest.mark.parametrize("names_models", [True, False])
def test_no_drives_at_all(names_models: bool) -> None:
    found, by_serial = snapshot([], names_models=names_models).find(drive_keys(["A"]))
    assert np.isnan(found).all()
    assert not by_serial.any()


def test_command_timeouts_of_earlier_versions_are_the_lowest_of_three_words() -> None:
    def read(content: bytes) -> list[float]:
        return [row[0] for row in read_part(content, (188,)).counters[0].tolist()]

    sink = pa.BufferOutputStream()
    batch = snapshots_made.kept(["A", "B"], [[4295032833], [7]], (188,))
    with pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)
    content = seal(sink.getvalue().to_pybytes(), 1)
    assert read(content) == [4295032833, 7]
    assert read(without_models(content)) == [1, 7]
