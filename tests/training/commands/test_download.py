from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.training.downloading.zip_server import Served, quarter_zip, serve
from training.__main__ import main
from training.telemetry.data import read_telemetry

DAYS = ["2025-04-01", "2025-04-02"]


@pytest.fixture
def served() -> Iterator[Served]:
    with serve(Served(quarter_zip(DAYS))) as server:
        yield server


def download(served: Served, folder: Path) -> int:
    return main(["download", "--quarter", "2025-Q2", "--output", str(folder), "--base-url", served.url])


def test_a_quarter_is_fetched_once_and_training_reads_it(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new" / "telemetry"
    assert download(served, folder) == 0
    printed = capsys.readouterr().out
    assert "2 of 91 days" in printed
    assert "no CSV of 2025-04-03, 2025-04-04, 2025-04-05, 2025-04-06, 2025-04-07, …" in printed
    assert [path.name for path in folder.iterdir()] == ["data_Q2_2025.zip"]
    assert read_telemetry([folder], progress=False).height == 600
    assert download(served, folder) == 0
    assert "data_Q2_2025.zip" in capsys.readouterr().out
    assert len(served.asked) == 1


def test_an_interrupted_download_goes_on(served: Served, tmp_path: Path) -> None:
    served.cuts = [10_000]
    assert download(served, tmp_path) == 0
    assert len(served.asked) == 2
    assert (tmp_path / "data_Q2_2025.zip").read_bytes() == served.content


def test_a_damaged_zip_is_deleted_and_can_be_fetched_again(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = served.content
    served.content = whole.replace(b"D000123", b"D000124", 1)
    assert download(served, tmp_path) == 1
    printed = capsys.readouterr().err
    assert "data_Q2_2025/2025-04-01.csv" in printed
    assert not list(tmp_path.iterdir())
    served.content = whole
    assert download(served, tmp_path) == 0


def test_a_quarter_not_published_yet_is_said(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    served.statuses = [404]
    assert download(served, tmp_path) == 1
    assert re.search(r"data_Q2_2025\.zip .*\(404\)", capsys.readouterr().err)


def test_a_file_cut_off_by_something_else_is_not_taken_for_complete(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data_Q2_2025.zip").write_bytes(served.content[:-100])
    assert download(served, tmp_path) == 1
    assert "data_Q2_2025.zip" in capsys.readouterr().err


def test_an_output_that_is_a_file_is_refused(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").touch()
    assert download(served, tmp_path / "taken") == 1
    assert "taken" in capsys.readouterr().err
