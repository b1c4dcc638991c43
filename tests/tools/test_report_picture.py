from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.support.needed_program import needs
from tools import report_picture
from tools.chromium import ABSENT, CHROMIUM_SETTING, chromium, launch


def test_it_says_so_where_there_is_no_chromium(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.delenv(CHROMIUM_SETTING, raising=False)
    monkeypatch.setattr("sys.argv", ["report_picture"])
    with pytest.raises(SystemExit, match="DRIVECAST_CHROMIUM"):
        report_picture.main()


@pytest.mark.slow
@needs(chromium(), ABSENT)
def test_a_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_picture, "DRIVES", 500)
    picture = tmp_path / "report.png"
    page = report_picture.report(tmp_path)
    assert "SIMULATED fleet, 2025-06-29.csv" in page.read_text(encoding="utf-8")
    with launch() as browser:
        report_picture.draw(browser, page, picture)
    content = picture.read_bytes()
    assert content.startswith(b"\x89PNG")
    assert struct.unpack(">II", content[16:24]) == (report_picture.WIDTH, report_picture.HEIGHT)


def test_the_committed_picture_is_small() -> None:
    assert report_picture.PICTURE.stat().st_size < 300 * 1024
