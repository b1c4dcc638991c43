"""docs/curl.md and the README's curl line, run as they stand; test_tutorial.py has docs/tutorial.md."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.running_app import PROJECT, RunningApp

DOCS = PROJECT / "docs"
LOCAL = "http://localhost:7071"


def blocks(page: str, language: str, base_url: str) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8").replace(LOCAL, base_url)
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_curl_page(app: RunningApp, tmp_path: Path) -> None:
    shutil.copy(PROJECT / "tests/data/smartctl/wdc-WD20EFRX.json", tmp_path / "drive.json")
    found = blocks("curl.md", "sh", app.base_url)
    assert len(found) == 7
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


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_readmes_curl_line(app: RunningApp) -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^curl -s localhost:7071/api/predict .*?^\}'$", readme, re.MULTILINE | re.DOTALL)
    command = command.replace("curl -s localhost:7071", f"curl -sS --fail-with-body {app.base_url}")
    done = subprocess.run(
        ["/bin/sh", "-e", "-c", command], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"probability"' in done.stdout
