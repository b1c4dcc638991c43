"""Drives that are in a file more than once on a date."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import pairwise
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
    RepeatedSerials,
    repeated_serials,
    serial_day_hashes,
)
from functions.scoring.csv.parser import Rows
from functions.scoring.engine.whole_file import CsvEngine
from functions.scoring.history.folder_store import FolderSnapshotStore
from functions.scoring.history.lookup import join_parts, read_part
from tests.support.drives import row, score, table
from tests.support.running_app import PROJECT
from tests.support.snapshots import drive_keys

type DriveDay = tuple[str, int, str]
"""Serial number, day and model."""

X, Y = "ST4000DM000", "WDC WD60EFRX"
SERIALS = st.sampled_from(["A", "B", "C", "ÄÖ", "LONGSERIALNUMBER01", "S" * 40])
DRIVE_DAYS = st.lists(st.tuples(SERIALS, st.integers(0, 2), st.sampled_from([X, Y, "A"])), max_size=30)


def rows_of(drive_days: Sequence[DriveDay], first_line: int = 2) -> Rows:
    count = len(drive_days)
    return Rows(
        np.arange(first_line, first_line + count),
        np.array(
            [np.datetime64("2014-01-25") + np.timedelta64(day, "D") for _, day, _ in drive_days],
            dtype="datetime64[D]",
        ),
        pa.array([serial for serial, _, _ in drive_days], type=pa.string()),
        pa.array([model for _, _, model in drive_days], type=pa.string()),
        np.zeros((count, 1)),
    )


def rows_x(*drive_days: tuple[str, int]) -> Rows:
    """Rows of drives of one model."""
    return rows_of([(serial, day, X) for serial, day in drive_days])


def as_dict(repeated: RepeatedSerials) -> dict[int, int]:
    assert (np.diff(repeated.lines) > 0).all()
    return dict(zip(repeated.lines.tolist(), repeated.kept.tolist(), strict=True))


def found_again(parts: list[Rows]) -> tuple[dict[int, int], list[int]]:
    """Put rows aside, and compare them; return the lines that do not count, and what is shared."""
    with DuplicateFinder() as found:
        for part in parts:
            found.add(part)
        repeated = repeated_serials(parts, found.suspects())
        return as_dict(repeated), repeated.shared.tolist()


def expected_of(drive_days: Sequence[DriveDay]) -> tuple[dict[int, int], list[int]]:
    last = {drive_day: line for line, drive_day in enumerate(drive_days, start=2)}
    lines = {
        line: last[drive_day] for line, drive_day in enumerate(drive_days, start=2) if last[drive_day] != line
    }
    models: dict[tuple[str, int], set[str]] = {}
    for serial, day, model in drive_days:
        models.setdefault((serial, day), set()).add(model)
    shared = {serial for (serial, _), found in models.items() if len(found) > 1}
    return lines, np.unique(drive_keys([*shared]).by_serial).tolist()


@given(DRIVE_DAYS, st.lists(st.integers(0, 12)), st.integers(1, 20), st.integers(0, 100))
def test_found_is_what_a_dict_would_find(
    drive_days: list[DriveDay], sizes: list[int], compared: int, in_memory: int
) -> None:
    """Compared in one go or in several, in memory or on disk, however the file is cut."""
    cuts = [0, *np.minimum(np.cumsum(sizes, dtype=int), len(drive_days)).tolist(), len(drive_days)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duplicates, "COMPARED_AT_ONCE", compared)
        patch.setattr(duplicates, "IN_MEMORY", in_memory)
        patch.setattr(duplicates, "_CHUNK", 16)
        found = found_again([rows_of(drive_days[start:end], 2 + start) for start, end in pairwise(cuts)])
    assert found == expected_of(drive_days)


def test_among_many_drives_those_that_are_there_again_are_found_and_no_others() -> None:
    drive_days = [(f"ZCH{drive:06d}", drive % 2) for drive in range(20_000)]
    with DuplicateFinder() as found:
        for start in range(0, len(drive_days), 3_000):
            found.add(rows_x(*drive_days[start : start + 3_000]))
        assert not len(found.suspects())
        again = rows_x(*drive_days[::4], ("ZCH000000", 1))
        found.add(again)
        assert found.suspects().tolist() == sorted(serial_day_hashes(again)[:-1].tolist())


@given(DRIVE_DAYS)
def test_serial_numbers_that_share_a_hash_are_told_apart(drive_days: list[DriveDay]) -> None:
    def same(_: Rows) -> NDArray[np.uint64]:
        return np.zeros(len(_.lines), dtype=np.uint64)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duplicates, "serial_day_hashes", same)
        assert found_again([rows_of(drive_days)]) == expected_of(drive_days)


def test_looking_rows_up_takes_no_longer_where_many_are_repeated() -> None:
    """A block among a million suspects in less than a hundred times of what it takes among one."""
    part = rows_x(*((f"ZCH{drive:06d}", 0) for drive in range(2_700)))
    chance = np.random.default_rng(1)
    many = np.unique(chance.integers(0, 2**63, 1_000_000, dtype=np.uint64))

    def seconds(suspects: NDArray[np.uint64]) -> float:
        times = []
        for _ in range(5):
            started = time.process_time()
            repeated_serials([part], suspects)
            times.append(time.process_time() - started)
        return min(times)

    assert seconds(many) < 100 * seconds(many[:1])


def test_a_file_that_is_there_twice_as_a_whole_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "MOST_REPEATED", 5)
    lines, _ = found_again([rows_x(*[("A", 0)] * 3, *[("B", 0)] * 2)])
    assert lines == {2: 4, 3: 4, 5: 6}
    with pytest.raises(TelemetryFileError, match=r"\b5 lines\b"):
        found_again([rows_x(*[("A", 0)] * 4, *[("B", 0)] * 2)])


def test_a_full_disk_is_a_fault_that_passes() -> None:
    with DuplicateFinder("day.csv") as found, Path("/dev/full").open("r+b", buffering=0) as full:
        found.add(rows_x(("A", 0)))
        found._hashes.close()
        found._hashes = full  # type: ignore[assignment]
        with pytest.raises(DiskFullError, match=r"day\.csv .*\b3 rows\b") as caught:
            found.add(rows_x(("A", 0), ("B", 0)))
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
        found.add(rows_x(("A", 0)))
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
    assert re.match(r"Z300AAAA\b.*\bST4000DM000\b.*\b2014-01-25\b.*\bline 5\b", rejected[0]["reason"])
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
    snapshot = join_parts([read_part(content, [5])])
    assert snapshot is not None
    assert snapshot.find(drive_keys(["Z300AAAA"])).counters.tolist() == [[3.0]]
    assert len(snapshot.serials) == 2
