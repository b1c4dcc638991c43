"""`make clean` in a folder that holds everything git leaves alone, in a path with a space."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

OF_PEOPLE = {".azure/", "local.settings.json", ".vscode/", ".idea/", ".DS_Store"}
"""Patterns of .gitignore for what people wrote, or their desktop did: no command takes it away."""


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not on PATH")
def test_it_removes_what_git_leaves_alone(tmp_path: Path) -> None:
    folder = tmp_path / "a project"
    (folder / "functions").mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", folder)
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    for pattern in patterns:
        name = pattern.replace("[cod]", "c").replace("*", "x")
        parent = (
            folder / "functions" / "__pycache__" if pattern.startswith(("__pycache__", "*.py")) else folder
        )
        if pattern.endswith("/"):
            (parent / name / "deep").mkdir(parents=True)
        else:
            parent.mkdir(exist_ok=True)
            (parent / name).write_text("x")
    subprocess.run(["make", "clean"], cwd=folder, check=True, capture_output=True)
    left = {path.name for path in folder.iterdir()}
    assert left == {name.rstrip("/") for name in OF_PEOPLE} | {"Makefile", "functions"}
    assert list((folder / "functions").iterdir()) == []
