"""Drives that are in a file more than once on a date."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from functions.errors import DiskFullError, TelemetryFileError
from functions.scoring.csv import duplicates
from functions.scoring.csv.duplicates import (
    DuplicateFinder,
    DuplicateLines,
    drive_day_hashes,
    duplicate_lines,
)
from functions.scoring.csv.parser import Rows
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.history.folder_store import FolderSnapshotStore
from functions.scoring.history.lookup import joined, read_part
from tests.support.drives import row, score, table
from tests.support.running_app import PROJECT

DRIVES = st.lists(
    st.tuples(st.sampled_from(["A", "B", "C", "ÄÖ", "LONGSERIALNUMBER01"]), st.integers(0, 2)), max_size=20
)


def rows_of(finder: list[tuple[str, int]], first_line: int = 2) -> Rows:
    count = len(finder)
    return Rows(
        np.arange(first_line, first_line + count),
        np.array(
            [np.datetime64("2014-01-25") + np.timedelta64(day, "D") for _, day in finder],
            dtype="datetime64[D]",
        ),
        pa.array([serial for serial, _ in finder], type=pa.string()),
        pa.array(["ST4000DM000"] * count),
        np.zeros((count, 1)),
    )


def as_dict(duplicates: DuplicateLines) -> dict[int, int]:
    assert (np.diff(duplicates.lines) > 0).all()
    return dict(zip(duplicates.lines.tolist(), duplicates.kept.tolist(), strict=True))


def found_again(parts: list[Rows]) -> dict[int, int]:
    """Put rows aside, and compare them."""
    with DuplicateFinder() as found:
        for part in parts:
            found.add(part)
        return as_dict(duplicate_lines(parts, found.suspects()))


def expected_of(finder: list[tuple[str, int]]) -> dict[int, int]:
    last = {drive_day: line for line, drive_day in enumerate(finder, start=2)}
    return {
        line: last[drive_day] for line, drive_day in enumerate(finder, start=2) if last[drive_day] != line
    }


@given(DRIVES, st.integers(1, 20), st.integers(0, 100))
def test_the_last_line_of_a_drive_and_date_counts(
    finder: list[tuple[str, int]], compared: int, in_memory: int
) -> None:
    """Compared in one go or in several, in memory or on disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duplicates, "COMPARED_AT_ONCE", compared)
        patch.setattr(duplicates, "IN_MEMORY", in_memory)
        patch.setattr(duplicates, "_CHUNK", 16)
        found = found_again([rows_of(finder[:7]), rows_of(finder[7:], first_line=9)])
    assert found == expected_of(finder)


def test_among_many_drives_those_that_are_there_again_are_found_and_no_others() -> None:
    finder = [(f"ZCH{drive:06d}", drive % 2) for drive in range(20_000)]
    with DuplicateFinder() as found:
        for start in range(0, len(finder), 3_000):
            found.add(rows_of(finder[start : start + 3_000]))
        assert not len(found.suspects())
        again = rows_of([*finder[::4], ("ZCH000000", 1)])
        found.add(again)
        assert found.suspects().tolist() == sorted(drive_day_hashes(again)[:-1].tolist())


@given(DRIVES)
def test_drives_that_share_a_hash_are_told_apart(finder: list[tuple[str, int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duplicates, "serial_hashes", lambda keys: np.zeros(len(keys), dtype=np.uint64))
        patch.setattr(duplicates, "_DAY", np.uint64(0))
        assert found_again([rows_of(finder)]) == expected_of(finder)


def test_looking_rows_up_takes_no_longer_where_many_are_repeated() -> None:
    """A block among a million suspects in less than a hundred times of what it takes among one."""
    part = rows_of([(f"ZCH{drive:06d}", 0) for drive in range(2_700)])
    chance = np.random.default_rng(1)
    many = np.unique(chance.integers(0, 2**63, 1_000_000, dtype=np.uint64))

    def seconds(suspects: NDArray[np.uint64]) -> float:
        times = []
        for _ in range(5):
            started = time.process_time()
            duplicate_lines([part], suspects)
            times.append(time.process_time() - started)
        return min(times)

    assert seconds(many) < 100 * seconds(many[:1])


def test_a_file_that_is_there_twice_as_a_whole_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "MOST_REPEATED", 5)
    assert found_again([rows_of([("A", 0)] * 3 + [("B", 0)] * 2)]) == {2: 4, 3: 4, 5: 6}
    with pytest.raises(TelemetryFileError, match=r"\b5 lines\b"):
        found_again([rows_of([("A", 0)] * 4 + [("B", 0)] * 2)])


def test_a_full_disk_is_a_fault_that_passes() -> None:
    with DuplicateFinder("day.csv") as found, Path("/dev/full").open("r+b", buffering=0) as full:
        found.add(rows_of([("A", 0)]))
        found._hashes.close()
        found._hashes = full  # type: ignore[assignment]
        with pytest.raises(DiskFullError, match=r"day\.csv .*\b3 rows\b") as caught:
            found.add(rows_of([("A", 0), ("B", 0)]))
    assert caught.value.retryable
    assert caught.value.path == tempfile.gettempdir()
    assert caught.value.path not in caught.value.detail
    assert str(caught.value) == f"{caught.value.detail} ({tempfile.gettempdir()})", "for the log"


FILL = """
import numpy as np, pyarrow as pa, pathlib, sys
from functions.errors import DrivecastError
from functions.scoring.csv.duplicates import DuplicateFinder
from functions.scoring.csv.parser import Rows
pathlib.Path(sys.argv[1], "others").write_bytes(bytes(int(sys.argv[2])))
day = np.full(10_000, "2014-01-25", dtype="datetime64[D]")
try:
    with DuplicateFinder("day.csv") as found:
        for start in range(0, 300_000, 10_000):
            serials = pa.array([f"S{start + row}" for row in range(10_000)])
            found.add(Rows(np.arange(start, start + 10_000), day, serials, serials, np.zeros((10_000, 1))))
        print("found", len(found.suspects()))
except DrivecastError as error:
    print(error.code, error.detail)
"""


@pytest.mark.parametrize(
    ("kibibytes", "others", "said"),
    [
        (4_000, 0, "found 0"),
        (4_000, 3_000_000, "disk_full "),
        (1_500, 0, "bad_file "),
    ],
)
def test_on_a_small_disk(tmp_path: Path, kibibytes: int, others: int, said: str) -> None:
    """2.4 MB of hashes on a disk with room for them, with room but for others, and without."""
    alone = ["unshare", "--map-root-user", "--mount"]
    if subprocess.run([*alone, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a file system of their own")
    mount = f"mount -t tmpfs -o size={kibibytes}k none {tmp_path}"
    python = f"TMPDIR={tmp_path} {sys.executable} - {tmp_path} {others}"
    done = subprocess.run(
        [*alone, "sh", "-c", f"{mount} && {python}"],
        cwd=PROJECT,
        input=FILL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout[: len(said)], done.stderr) == (said, "")
    assert str(tmp_path) not in done.stdout


def test_what_is_put_aside_is_deleted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(duplicates, "IN_MEMORY", 1)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with DuplicateFinder() as found:
        found.add(rows_of([("A", 0)]))
        held = found._hashes
        assert isinstance(held.fileno(), int)
    assert held.closed
    assert not [*tmp_path.iterdir()]


def test_earlier_lines_become_rejects_that_name_the_line_that_counts(engine: CsvEngine) -> None:
    found = score(
        engine,
        table([row(smart_5_raw=1), row("OTHER"), row(smart_5_raw=2), row(smart_5_raw=3)]),
    )
    assert [line["line"] for line in found.rows()] == ["3", "5"]
    rejected = found.rejected()
    assert [(line["line"], line["code"]) for line in rejected] == [
        ("2", "repeated_drive"),
        ("4", "repeated_drive"),
    ]
    assert re.match(r"Z300AAAA\b.*\b2014-01-25\b.*\bline 5\b", rejected[0]["reason"])
    assert found.summary["lines"] == {"data": 4, "accepted": 2, "rejected": 2}


def test_the_same_drive_on_two_dates_is_no_repetition(engine: CsvEngine) -> None:
    found = score(engine, table([row(date="2014-01-25"), row(date="2014-01-26")]))
    assert found.summary["lines"] == {"data": 2, "accepted": 2, "rejected": 0}


def test_history_keeps_the_row_that_counts(engine: CsvEngine, tmp_path: Path) -> None:
    store = FolderSnapshotStore(tmp_path)
    score(engine, table([row(smart_5_raw=1), row(smart_5_raw=3), row("B")]), store=store)
    day = dt.date(2014, 1, 25)
    (name,) = store.versions(day)
    content = store.load(day, name)
    assert content is not None
    snapshot = joined([read_part(content, [5])])
    assert snapshot is not None
    assert snapshot.find(np.array([b"Z300AAAA"])).tolist() == [[3.0]]
    assert len(snapshot.serials) == 2
