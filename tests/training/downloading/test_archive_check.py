from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import pytest

from tests.training.downloading.zip_server import quarter_zip
from training.downloading.archive_check import check_bytes, days_in, missing_days
from training.downloading.errors import DownloadError
from training.downloading.quarter import release_of

RELEASE = release_of("2025-Q2", dt.date(2025, 10, 1))


def test_the_days_of_the_release_are_found_and_missing_ones_named(tmp_path: Path) -> None:
    path = tmp_path / "data.zip"
    path.write_bytes(quarter_zip(["2025-04-01", "2025-04-03", "2025-03-31", "2025-04-99"]))
    days = days_in(path, RELEASE)
    assert [str(day) for day in days] == ["2025-04-01", "2025-04-03"]
    missing = missing_days(RELEASE, days)
    assert len(missing) == 89
    assert str(missing[0]) == "2025-04-02"


def test_what_holds_no_day_of_the_release_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.zip"
    path.write_bytes(b"<html>sorry</html>")
    with pytest.raises(DownloadError, match=r"data\.zip"):
        days_in(path, RELEASE)
    path.write_bytes(quarter_zip(["2024-04-01"]))
    with pytest.raises(DownloadError, match=r"\b2025-04-01 to 2025-06-30\b.*\b2024-04-01\b"):
        days_in(path, RELEASE)


def test_every_byte_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "data.zip"
    whole = quarter_zip(["2025-04-01", "2025-04-02"])
    path.write_bytes(whole)
    reported: list[tuple[int, int]] = []
    check_bytes(path, lambda *step: reported.append(step))
    with zipfile.ZipFile(path) as archive:
        assert reported[-1] == (sum(i.file_size for i in archive.infolist()),) * 2
    path.write_bytes(whole.replace(b"2025-04-02,D000123", b"2025-04-02,D000124"))
    with pytest.raises(DownloadError, match=r"data_Q2_2025/2025-04-02\.csv: "):
        check_bytes(path, lambda *step: None)
