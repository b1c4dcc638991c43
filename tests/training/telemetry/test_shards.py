from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import polars as pl
import pytest

from tests.real_data import MIXED_FLEET_2013, WHOLE_DAY_2014, needs_real_data
from training.commands.simulate import simulate
from training.errors import TelemetrySourceError
from training.telemetry import tables
from training.telemetry.data import read_telemetry, read_with_report
from training.telemetry.shards import open_shards

pytestmark = pytest.mark.slow

JUNE_1 = dt.date(2025, 6, 1)
HEADER = "date,serial_number,model,capacity_bytes,failure,smart_5_raw\n"


def read(paths: list[Path], attributes: list[int], shards: int | None = None) -> list[pl.DataFrame]:
    with open_shards(paths, attributes, shards=shards, progress=False) as fleet:
        return list(fleet.frames())


def whole(frames: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frames).sort("serial_number", "date")


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fleet")
    simulate(folder, drives=700, days=12, seed=1, start=JUNE_1, failure_rate=3.0)
    return folder


@pytest.mark.parametrize("shards", [1, 2, 7])
def test_the_shards_hold_the_rows_of_the_whole(fleet: Path, shards: int) -> None:
    attributes = [197, 5, 9]
    frames = read([fleet], attributes, shards=shards)
    assert len(frames) == shards
    expected = read_telemetry([fleet], attributes, progress=False)
    assert whole(frames).equals(expected)
    assert frames[0].schema == expected.schema
    drives = [set(frame["serial_number"]) for frame in frames]
    assert sum(map(len, drives)) == len(set().union(*drives))
    assert all(frame.equals(frame.sort("serial_number", "date")) for frame in frames)


def test_all_attributes_of_a_zip_are_read_and_days_are_the_fleets(fleet: Path, tmp_path: Path) -> None:
    path = tmp_path / "data_Q2_2025.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for day in sorted(fleet.iterdir())[:2]:
            archive.write(day, f"data_Q2_2025/{day.name}")
    with open_shards([path], shards=4, progress=False) as read:
        assert [day.isoformat() for day in read.days] == ["2025-06-01", "2025-06-02"]
        assert whole(list(read.frames())).equals(read_telemetry([path], progress=False))


def test_blocks_of_a_file_read_like_the_whole(
    fleet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parquet = tmp_path / "fleet.parquet"
    two_days = tmp_path / "days"
    two_days.mkdir()
    for day in sorted(fleet.iterdir())[:2]:
        shutil.copy(day, two_days)
    expected = read_telemetry([two_days], [5, 9], progress=False)
    expected.rename({"date": " DATE"}).write_parquet(parquet)
    monkeypatch.setattr(tables, "CSV_BLOCK_BYTES", 1000)
    monkeypatch.setattr(tables, "PARQUET_BATCH_ROWS", 100)
    for path in (two_days, parquet):
        assert whole(read([path], [5, 9], shards=2)).equals(expected)


def test_duplicates_and_rows_without_identity_are_counted_and_the_last_row_wins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text(HEADER + "2025-01-01,A,M,1,0,1\n2025-01-01,B,M,1,0,1\n,C,M,1,0,1\n")
    (tmp_path / "b.csv").write_text(HEADER + "2025-01-01,B,M,1,0,3.0\n2025-01-01,A,M,1,0,2.0")
    with open_shards([tmp_path], [5], shards=2, progress=False) as read:
        frames = list(read.frames())
        assert read.report == read_with_report([tmp_path], [5])[1]
        list(read.frames())
        assert read.report.duplicates == 2
    assert whole(frames)["smart_5_raw"].to_list() == [2, 3]
    read.report.tell()
    assert " 2 rows " in capsys.readouterr().err


def test_what_cannot_be_used_is_refused_as_when_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADER + "1.1.2025,A,M,1,0,1\n")
    with pytest.raises(TelemetrySourceError, match=r"a\.csv\b.*\b1 rows\b"):
        read([path], [5])
    path.write_text("date,model\n")
    with pytest.raises(TelemetrySourceError, match=r"\bserial_number\b"):
        read([path], [5])
    path.write_text("")
    with pytest.raises(TelemetrySourceError, match=r"a\.csv\b.*\bdate\b"):
        read([path], [5])
    path.write_text(HEADER)
    assert read([path], [5]) == []
    (tmp_path / "b.parquet").write_text("no")
    with pytest.raises(TelemetrySourceError, match=r"b\.parquet"):
        read([tmp_path / "b.parquet"], [5])


def test_a_damaged_parquet_file_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "fleet.parquet"
    pl.DataFrame(
        {
            "date": [JUNE_1] * 5000,
            "serial_number": "A",
            "model": "M",
            "failure": 0,
            "smart_5_raw": range(5000),
        }
    ).write_parquet(path)
    data = bytearray(path.read_bytes())
    data[4:200] = b"\xff" * 196
    path.write_bytes(data)
    with pytest.raises(TelemetrySourceError, match=r"fleet\.parquet"):
        read([path], [5])


def test_nothing_is_left_behind_even_when_the_reader_stops_early(fleet: Path, tmp_path: Path) -> None:
    with open_shards([fleet], [5], shards=3, folder=tmp_path, progress=False) as fleet_read:
        next(iter(fleet_read.frames()))
        assert len(list(tmp_path.iterdir())) == 1
    assert not list(tmp_path.iterdir())


@needs_real_data
@pytest.mark.slow
def test_real_telemetry_of_both_kinds_reads_alike_in_shards() -> None:
    paths, attributes = [MIXED_FLEET_2013, WHOLE_DAY_2014], [5, 9, 197]
    expected, report = read_with_report(paths, attributes)
    with open_shards(paths, attributes, progress=False) as read:
        assert whole(list(read.frames())).equals(expected)
        assert read.report == report


_PEAK = """
import resource, sys
from training.telemetry.shards import open_shards
with open_shards([sys.argv[1]], [5, 9, 187, 188, 197, 198], shards=int(sys.argv[2]), progress=False) as fleet:
    rows = sum(frame.height for frame in fleet.frames())
print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1 if sys.platform == "darwin" else 1024))
"""


def peak(folder: Path, shards: int) -> tuple[int, int]:
    """Read in a fresh process; return the rows and the peak of its memory in MiB."""
    done = subprocess.run(
        [sys.executable, "-c", _PEAK, str(folder), str(shards)],
        cwd=Path(__file__).parents[3],
        env=os.environ | {"POLARS_MAX_THREADS": "2"},
        capture_output=True,
        text=True,
        check=True,
    )
    numbers = [int(number) for number in done.stdout.split()]
    return numbers[0], numbers[1]


@pytest.mark.slow
def test_twice_the_days_need_hardly_more_memory(tmp_path: Path) -> None:
    simulate(tmp_path / "base", drives=20_000, days=1, seed=1, start=JUNE_1)
    (tmp_path / "base" / "2025-06-01.csv").rename(tmp_path / "day.csv")
    text = (tmp_path / "day.csv").read_text()
    measured = []
    for days, shards in ((20, 8), (40, 16)):
        folder = tmp_path / str(days)
        folder.mkdir()
        for number in range(days):
            day = f"2025-{6 + number // 28:02}-{1 + number % 28:02}"
            (folder / f"{day}.csv").write_text(text.replace("2025-06-01", day))
        rows, mib = peak(folder, shards)
        assert rows == days * 20_000
        measured.append(mib)
    # The rows alone grow from 44 to 88 MiB, the frame of a reader that holds them all by more than that.
    assert measured[1] < 1.2 * measured[0]
