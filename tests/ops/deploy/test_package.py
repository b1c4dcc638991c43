from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from functions.version import PACKED, version_of
from ops.deploy import package
from ops.errors import OpsError

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
NOW = datetime(2027, 1, 25, 12, 30, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of this folder."""
    path = tmp_path_factory.mktemp("package") / "drivecast.zip"
    package.write(ROOT, path, NOW)
    return path


def test_it_holds_the_app_and_nothing_else(packed: Path) -> None:
    with zipfile.ZipFile(packed) as opened:
        assert opened.testzip() is None
        names = opened.namelist()
    assert {"function_app.py", "host.json", "requirements.txt", "models/registry.json"} <= set(names)
    assert {name.partition("/")[0] for name in names} == {
        "function_app.py",
        "functions",
        "host.json",
        "models",
        "requirements.txt",
        PACKED,
    }
    assert not [name for name in names if "__pycache__" in name or name.endswith((".joblib", ".pyc"))]


def test_same_files_same_bytes(packed: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(packed) as opened:
        opened.extractall(tmp_path / "copy")
    shutil.copy(ROOT / ".funcignore", tmp_path / "copy")
    for path in (tmp_path / "copy").rglob("*"):
        os.utime(path, (1, 1))
    package.write(tmp_path / "copy", tmp_path / "again.zip", NOW)
    digests = [hashlib.sha256(path.read_bytes()).digest() for path in (packed, tmp_path / "again.zip")]
    assert digests[0] == digests[1]


def test_the_app_that_is_packed_is_the_one_here(packed: Path, tmp_path: Path) -> None:
    """The same version wherever it is unpacked; of two packages the later one is the newer."""
    with zipfile.ZipFile(packed) as opened:
        opened.extractall(tmp_path / "app")
    mine = version_of(tmp_path / "app")
    assert mine.is_same(version_of(ROOT))
    assert mine.packed == NOW
    # A folder that was unpacked, or that azd has left a time in, is packed with the time of its own packing.
    shutil.copy(ROOT / ".funcignore", tmp_path / "app")
    package.write(tmp_path / "app", tmp_path / "again.zip", NOW + timedelta(days=1))
    with zipfile.ZipFile(tmp_path / "again.zip") as opened:
        assert len(opened.namelist()) == len(set(opened.namelist()))
        opened.extractall(tmp_path / "again")
    again = version_of(tmp_path / "again")
    assert (again.is_same(mine), again.packed) == (True, NOW + timedelta(days=1))


def test_what_is_packed_scores(packed: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(packed) as opened:
        opened.extractall(tmp_path / "app")
    drives = ROOT / "ops" / "smoke" / "drives.csv"
    done = subprocess.run(
        [sys.executable, "-m", "functions.score", str(drives), "--output", str(tmp_path / "out")],
        cwd=tmp_path / "app",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "drives.csv").is_file()


def small(folder: Path) -> Path:
    """Make the least of a project."""
    for name in package.NEEDED:
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text("")
    (folder / ".funcignore").write_text("/.venv/\n*.secret\n/.funcignore\n")
    return folder


def test_ignored_files_and_folders_stay(tmp_path: Path) -> None:
    small(tmp_path)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "x.py").write_text("")
    (tmp_path / "a.secret").write_text("")
    assert package.files(tmp_path) == sorted(package.NEEDED)


def test_a_worktree_makes_the_same_package(tmp_path: Path) -> None:
    """There `.git` is a file, which a pattern for folders does not match."""
    small(tmp_path)
    (tmp_path / ".git").write_text("gitdir: ../project/.git/worktrees/previous\n")
    assert package.files(tmp_path) == sorted(package.NEEDED)


def test_a_folder_that_is_not_the_project(tmp_path: Path) -> None:
    with pytest.raises(OpsError, match=r"\.funcignore\b"):
        package.files(tmp_path)
    small(tmp_path)
    (tmp_path / "host.json").unlink()
    with pytest.raises(OpsError, match=r"^host\.json "):
        package.files(tmp_path)


def test_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    small(tmp_path)
    (tmp_path / "link.py").symlink_to(tmp_path / "host.json")
    with pytest.raises(OpsError, match=r"link\.py\b"):
        package.files(tmp_path)


def test_a_package_that_is_far_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small(tmp_path)
    (tmp_path / "day.csv").write_bytes(b"x" * 1000)
    monkeypatch.setattr(package, "LARGEST_BYTES", 999)
    with pytest.raises(OpsError, match=r"\.funcignore\b"):
        package.write(tmp_path, tmp_path / "x.zip", NOW)
