"""docs/tutorial.md and docs/curl.md are run as they stand, against the running app."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.running_app import PROJECT, RunningApp

DOCS = PROJECT / "docs"
LOCAL = "http://localhost:7071"


def blocks(page: str, language: str, base_url: str) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8").replace(LOCAL, base_url)
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_the_tutorial(app: RunningApp) -> None:
    program = "\n".join(blocks("tutorial.md", "python", app.base_url))
    assert "predict/batch" in program
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "Uncorrectable errors reported to the host" in done.stdout
    assert "smart_5_raw is -1; expected a whole number" in done.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_curl_page(app: RunningApp, tmp_path: Path) -> None:
    shutil.copy(PROJECT / "tests/data/smartctl/wdc-WD20EFRX.json", tmp_path / "drive.json")
    found = blocks("curl.md", "sh", app.base_url)
    assert len(found) == 6
    for block in found:
        command = block.replace("curl -s ", "curl -sS --fail-with-body ")
        done = subprocess.run(
            ["/bin/sh", "-e", "-c", command],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.startswith("{")
