"""Which Bicep CLI is taken, and that one version checks and deploys."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tools import bicep_cli

ROOT = Path(__file__).parents[2]
SHELL = shutil.which("sh") or "/bin/sh"


def program(path: Path, output: str) -> Path:
    path.write_text(f"#!{SHELL}\necho '{output}'\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that is all of PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_the_pinned_version_on_path_is_taken(folder: Path) -> None:
    there = program(folder / "bicep", f"Bicep CLI version {bicep_cli.VERSION} (b34271ac51)")
    output: list[str] = []
    assert bicep_cli.find(output.append, folder / "unpack") == str(there)
    assert output == []


def test_another_version_is_told_and_not_used(folder: Path) -> None:
    program(folder / "bicep", "Bicep CLI version 0.46.1 (abc)")
    output: list[str] = []
    assert bicep_cli.find(output.append, folder / "unpack") is None
    expected = f"expected {bicep_cli.VERSION}: az bicep install --version v{bicep_cli.VERSION}"
    assert output == [f"bicep: {folder}/bicep is 0.46.1, not used; {expected}"]


def test_without_one_the_packed_one_is_taken(folder: Path) -> None:
    assert bicep_cli.find(print, program(folder / "unpack", "/somewhere/bicep")) == "/somewhere/bicep"


def test_who_deploys_by_hand_installs_the_same() -> None:
    """Else the Azure CLI fetches the newest one by itself."""
    page = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    commands = re.findall(r"^az bicep install.*$", page, re.MULTILINE)
    assert commands == [f"az bicep install --version v{bicep_cli.VERSION}"]


def test_what_checks_is_what_deploys() -> None:
    pinned = {
        version
        for file in (ROOT / ".github").rglob("*.yml")
        for version in re.findall(r"BICEP_VERSION: v([\d.]+)", file.read_text())
    }
    assert pinned == {bicep_cli.VERSION}
