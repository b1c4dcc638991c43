from __future__ import annotations

import datetime as dt
import gzip
import zipfile
from pathlib import Path

import polars as pl
import pytest

from tests.real_data import FAILURES_2025, MIXED_FLEET_2013, ST4000DM000, WHOLE_DAY_2014, needs_real_data
from training.errors import TelemetrySourceError
from training.telemetry.data import read_telemetry, read_with_report

OLD = """\
date,serial_number,model,capacity_bytes,failure,smart_5_raw
2013-04-10,B,M,1,0,1
2013-04-10,A,M,1,0,2
"""
NEW = """\
failure,smart_187_raw,smart_5_raw,model,serial_number,date
0,4.0,3.0,M,A,2013-04-11
1,,,M,B,2013-04-11
"""


def test_releases_of_different_columns_become_one_sorted_table(tmp_path: Path) -> None:
    (tmp_path / "2013-04-11.csv").write_text(NEW)
    (tmp_path / "2013-04-10.csv").write_text(OLD)
    read = read_telemetry([tmp_path], None, progress=False)
    assert read.columns == [
        "date",
        "serial_number",
        "model",
        "capacity_bytes",
        "failure",
        "smart_5_raw",
        "smart_187_raw",
    ]
    first, second = dt.date(2013, 4, 10), dt.date(2013, 4, 11)
    assert read.rows() == [
        (first, "A", "M", 1, 0, 2, None),
        (second, "A", "M", None, 0, 3, 4),
        (first, "B", "M", 1, 0, 1, None),
        (second, "B", "M", None, 1, None, None),
    ]


def test_plain_gzipped_zipped_and_parquet_read_alike(tmp_path: Path) -> None:
    plain, packed, archive, parquet = (
        tmp_path / f"a{suffix}" for suffix in (".csv", ".csv.gz", ".zip", ".parquet")
    )
    plain.write_text(OLD)
    packed.write_bytes(gzip.compress(OLD.encode()))
    with zipfile.ZipFile(archive, "w") as stream:
        stream.writestr("q/2013-04-10.csv", OLD)
    pl.read_csv(plain).write_parquet(parquet)
    expected = read_telemetry([plain], [5], progress=False)
    for path in (packed, archive, parquet):
        assert read_telemetry([path], [5], progress=False).equals(expected)


def test_the_last_row_of_a_drive_and_day_wins_and_is_counted(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(OLD)
    (tmp_path / "b.csv").write_text(OLD.replace("A,M,1,0,2", "A,M,1,0,9"))
    read, report = read_with_report([tmp_path], [5])
    assert read.select("serial_number", "smart_5_raw").rows() == [("A", 9), ("B", 1)]
    assert (report.files, report.rows_read, report.unidentified, report.duplicates) == (2, 4, 0, 2)
    back, _ = read_with_report([tmp_path / "b.csv", tmp_path / "a.csv"], [5])
    assert back["smart_5_raw"].to_list() == [2, 1]


def test_rows_without_identity_are_left_out_counted_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "2013-04-10.csv"
    path.write_text(OLD + "2013-04-10,,M,1,0,1\nyesterday,C,M,1,0,1\n2013-04-10,D,M,1,,1\n")
    read, report = read_with_report([path], [5])
    assert (read.height, report.unidentified) == (2, 3)
    read_telemetry([path], [5], progress=True)
    assert "left out 3 of 5 rows" in capsys.readouterr().err


def test_a_file_with_no_row_to_use_is_refused_and_one_without_rows_is_not(tmp_path: Path) -> None:
    path = tmp_path / "2013-04-10.csv"
    path.write_text(OLD.replace("2013-04-10", "10.4.2013"))
    with pytest.raises(TelemetrySourceError, match=r"2013-04-10\.csv\b.*\b2 rows\b"):
        read_telemetry([path], [5], progress=False)
    path.write_text(OLD.splitlines()[0])
    assert read_telemetry([path], [5], progress=False).is_empty()


@needs_real_data
def test_the_day_of_2014_reads_as_published() -> None:
    read, report = read_with_report([WHOLE_DAY_2014], None)
    assert (read.height, report.unidentified, report.duplicates) == (27_587, 0, 0)
    assert read.width == 5 + 40
    assert (read["failure"].sum(), read["model"].n_unique()) == (3, 40)


@needs_real_data
def test_the_schema_of_2025_with_floats_reads_exactly() -> None:
    read, _ = read_with_report([FAILURES_2025], None)
    assert (read.height, read["failure"].sum(), read.width) == (1_061, 1_061, 5 + 93)
    drive = read.filter(pl.col("serial_number") == "ZA11TWVV")
    assert drive.select("smart_1_raw", "smart_188_raw", "smart_242_raw", "smart_22_raw").row(0) == (
        194_909_408,
        1,
        648_933_179_354,
        None,
    )


@needs_real_data
def test_years_apart_read_together() -> None:
    read, _ = read_with_report([FAILURES_2025, WHOLE_DAY_2014], [5, 187])
    assert read.height == 27_587 + 1_061
    assert read["date"].min() == dt.date(2014, 1, 25)
    assert read["serial_number"].is_sorted()


@needs_real_data
@pytest.mark.slow
def test_the_parquet_files_read_whole() -> None:
    read, report = read_with_report([ST4000DM000], [187])
    assert (read.height, read["failure"].sum(), report.duplicates) == (5_435_600, 310, 0)
    read, report = read_with_report([MIXED_FLEET_2013], [5, 187])
    assert (read.height, read["failure"].sum(), report.duplicates) == (2_995_078, 406, 0)
    assert read["smart_187_raw"].null_count() == read.height
