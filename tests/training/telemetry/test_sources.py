from __future__ import annotations

import gzip
import hashlib
import re
import zipfile
from pathlib import Path

import pytest

from training.errors import TelemetrySourceError
from training.telemetry.data import read_telemetry
from training.telemetry.sources import TelemetryFile, find_files, lineage

DAY = "date,serial_number,model,failure\n2025-01-01,A,M,0\n2025-01-01,B,M,1\n"


def names(path: Path) -> list[str]:
    return [file.member or file.path.name for file in find_files([path])]


def test_a_folder_is_searched_through_and_junk_is_ignored(tmp_path: Path) -> None:
    for name in [
        "q1/2025-01-02.csv",
        "q1/2025-01-01.csv.gz",
        "deep/er/fleet.parquet",
        "__MACOSX/q1/2025-01-01.csv",
        "q1/._2025-01-01.csv",
        "q1/.DS_Store",
        ".hidden/2025-01-01.csv",
        "readme.pdf",
    ]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert names(tmp_path) == ["fleet.parquet", "2025-01-01.csv.gz", "2025-01-02.csv"]


def test_a_zip_is_searched_through_and_junk_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "data_Q1_2025.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in [
            "q/2025-01-02.csv",
            "q/2025-01-01.csv",
            "__MACOSX/q/._2025-01-01.csv",
            "q/.DS_Store",
            "a.pdf",
        ]:
            archive.writestr(name, DAY)
    assert names(path) == ["q/2025-01-01.csv", "q/2025-01-02.csv"]
    assert names(tmp_path) == ["q/2025-01-01.csv", "q/2025-01-02.csv"]


def test_what_holds_no_telemetry_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").touch()
    (tmp_path / "broken.zip").write_bytes(b"PK nonsense")
    with zipfile.ZipFile(tmp_path / "none.zip", "w") as archive:
        archive.writestr("readme.txt", "")
    for name in ("absent.csv", "empty", "notes.txt", "broken.zip", "none.zip"):
        with pytest.raises(TelemetrySourceError, match=rf"{re.escape(name)}\b"):
            find_files([tmp_path / name])
    with pytest.raises(TelemetrySourceError):
        find_files([])


def test_a_gzip_cut_short_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "2025-01-01.csv.gz"
    path.write_bytes(gzip.compress(DAY.encode() * 50)[:-20])
    with pytest.raises(TelemetrySourceError, match=r"2025-01-01\.csv\.gz"):
        TelemetryFile(path).csv_bytes()


def test_a_locked_zip_and_a_damaged_member_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "data.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("2025-01-01.csv", DAY)
    whole = path.read_bytes()
    (file,) = find_files([path])
    path.write_bytes(whole.replace(b",A,M", b",B,M", 1))
    with pytest.raises(TelemetrySourceError, match=r"data\.zip \(2025-01-01\.csv\) .*Bad CRC"):
        file.csv_bytes()
    # Bit 0 of the flags, in the local header and in the directory, says that the member is encrypted.
    directory = whole.index(b"PK\x01\x02")
    locked = bytearray(whole)
    locked[6] |= 1
    locked[directory + 8] |= 1
    path.write_bytes(locked)
    with pytest.raises(TelemetrySourceError, match="encrypted"):
        file.csv_bytes()


def test_the_first_line_is_read_without_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "2025-01-01.csv.gz"
    path.write_bytes(gzip.compress(DAY.encode() * 10_000)[:-20])
    assert TelemetryFile(path).first_line() == DAY.encode().splitlines(keepends=True)[0]


def test_lineage_names_files_without_directories_and_counts_what_was_read(tmp_path: Path) -> None:
    path = tmp_path / "2025-01-01.csv"
    path.write_text(DAY)
    digest = hashlib.sha256(DAY.encode()).hexdigest()
    assert lineage([path], read_telemetry([path], progress=False)) == {
        "sources": [{"name": "2025-01-01.csv", "bytes": len(DAY), "sha256": digest}],
        "digest": hashlib.sha256(digest.encode()).hexdigest(),
        "rows": 2,
        "drives": 2,
        "drive_models": 1,
        "failures": 1,
        "failure_rows": 1,
        "first_date": "2025-01-01",
        "last_date": "2025-01-01",
    }


def test_lineage_lists_a_zip_once(tmp_path: Path) -> None:
    path = tmp_path / "data.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("2025-01-01.csv", DAY)
        archive.writestr("2025-01-02.csv", DAY.replace("01-01", "01-02"))
    found = lineage([path], read_telemetry([path], progress=False))
    assert [source["name"] for source in found["sources"]] == ["data.zip"]
    assert (found["rows"], found["drives"], found["last_date"]) == (4, 2, "2025-01-02")


@pytest.mark.parametrize("size", [1, 7, 40, 1000])
def test_blocks_are_whole_lines_and_together_the_file(tmp_path: Path, size: int) -> None:
    for name, content in (("a.csv", DAY.encode()), ("b.csv.gz", gzip.compress(DAY.encode().rstrip()))):
        (tmp_path / name).write_bytes(content)
        blocks = list(TelemetryFile(tmp_path / name).csv_blocks(size))
        assert b"".join(blocks).rstrip() == DAY.encode().rstrip()
        assert all(block.endswith(b"\n") for block in blocks[:-1])
        assert all(blocks)


def test_the_unpacked_size_is_known_without_unpacking(tmp_path: Path) -> None:
    path = tmp_path / "data.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("2025-01-01.csv", DAY * 100)
    (member,) = find_files([path])
    assert member.unpacked_bytes() == len(DAY) * 100
    (tmp_path / "2025-01-01.csv").write_text(DAY)
    assert TelemetryFile(tmp_path / "2025-01-01.csv").unpacked_bytes() == len(DAY)
    packed = tmp_path / "2025-01-01.csv.gz"
    packed.write_bytes(gzip.compress(DAY.encode()))
    assert TelemetryFile(packed).unpacked_bytes() > packed.stat().st_size
