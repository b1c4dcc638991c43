"""The pictures of the pages, made of a running app."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import RunApp
from tests.support.needed_program import needs
from tests.support.running_app import PROJECT, free_ports
from tools import page_screenshots
from tools.chromium import ABSENT, CHROMIUM_SETTING, chromium

needs_chromium = needs(chromium(), ABSENT)

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.slow
@needs_chromium
def test_the_pictures(run_app: RunApp, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with run_app(PROJECT, settings={"AzureFunctionsWebHost__hostid": "page-screenshots-tests"}) as running:
        page_screenshots.main(["--url", f"{running.base_url}/", "--folder", str(tmp_path)])
    output = capsys.readouterr().out
    for name in page_screenshots.PICTURES:
        content = (tmp_path / name).read_bytes()
        assert content.startswith(PNG)
        assert len(content) <= page_screenshots.MOST_BYTES
        assert f"{name}: {len(content):,} bytes" in output


@pytest.mark.slow
@needs_chromium
def test_no_app(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_ports(1)[0]}"
    with pytest.raises(SystemExit, match=re.escape(url)):
        page_screenshots.main(["--url", url, "--folder", str(tmp_path)])
    assert list(tmp_path.iterdir()) == []


def test_no_chromium(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv(CHROMIUM_SETTING, raising=False)
    with pytest.raises(SystemExit, match="PATH"):
        page_screenshots.main([])


@pytest.mark.parametrize("name", sorted(page_screenshots.PICTURES))
def test_those_in_the_documentation_are_small(name: str) -> None:
    assert 0 < (page_screenshots.DOCS / name).stat().st_size <= page_screenshots.MOST_BYTES
