"""The project's own files in a folder of its own, with a smoke test that only says what it was given."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ops.deploy import code, variables

ROOT = Path(__file__).parents[3]

SMOKE = """#!/bin/sh
# Stands in for infra/hooks/smoke.sh, which asks an app in Azure.
echo "smoke of $DRIVECAST_URL with $DRIVECAST_STORAGE"
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working folder of the test: infra/, and the least of an app."""
    folder = tmp_path / "project"
    shutil.copytree(ROOT / "infra", folder / "infra")
    (folder / "infra" / "hooks" / "smoke.sh").write_text(SMOKE)
    for name in (".funcignore", "function_app.py", "host.json", "requirements.txt"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "models").mkdir()
    (folder / "models" / "registry.json").write_text("{}")
    monkeypatch.chdir(folder)
    for name in variables.READ:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(code, "PAUSE", 0.0)
    monkeypatch.setenv("EVENT_GRID_WAIT", "0")
    monkeypatch.setenv("EVENT_GRID_PAUSE", "0")
    return folder
