"""Nothing of `.azure/<environment>/.env`, where azd keeps an environment's values, leaves this machine."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pathspec
import pytest

from ops.deploy import package
from tests.container.test_image import left_out
from tests.test_deployment_files import core_tools_denies

ROOT = Path(__file__).parents[1]
SECRET = "AZURE_CLIENT_SECRET=not-for-others"
AZD = (".azure/.gitignore", ".azure/config.json", ".azure/dev/.env", ".azure/dev/config.json")
APP = (
    "function_app.py",
    "host.json",
    "requirements.txt",
    "models/registry.json",
    "functions/scoring/smart.py",
)
IGNORE_FILES = (".gitignore", ".funcignore", ".dockerignore", ".amlignore")

type Pack = Callable[[Path, Path], list[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small project as azd leaves it: its own ignore files, an app, an environment with a secret."""
    made = tmp_path / "project"
    for name in (*APP, "training/commands/train.py"):
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text("")
    for name in IGNORE_FILES:
        shutil.copy(ROOT / name, made / name)
    for name in AZD:
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(SECRET)
    return made


def everything(folder: Path) -> list[str]:
    """List every file."""
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]


def by_ops(folder: Path, destination: Path) -> list[str]:
    """Pack as `ops deploy` does, and look into the zip."""
    package.write(folder, destination / "package.zip", datetime.now(UTC))
    with zipfile.ZipFile(destination / "package.zip") as opened:
        assert not [name for name in opened.namelist() if SECRET.encode() in opened.read(name)]
        return opened.namelist()


def by_ops_of_an_earlier_commit(folder: Path, destination: Path) -> list[str]:
    """Pack a checkout whose .funcignore does not know the folder yet."""
    ignore = folder / ".funcignore"
    ignore.write_text(ignore.read_text().replace("/.azure/\n", ""))
    return by_ops(folder, destination)


def by_git(folder: Path, destination: Path) -> list[str]:
    """Commit everything that git takes, and look into the commit's archive."""

    def git(*arguments: str) -> None:
        command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *arguments]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)

    git("init")
    # azd writes a .gitignore of its own into .azure; the project does not count on it.
    git("add", "--all")
    git("commit", "--message", "First")
    git("archive", "--format=zip", f"--output={destination / 'archive.zip'}", "HEAD")
    with zipfile.ZipFile(destination / "archive.zip") as opened:
        return opened.namelist()


def by_azd(folder: Path, _place: Path) -> list[str]:
    """Take what azd's zip takes: .funcignore, by gitignore's rules."""
    ignored = pathspec.GitIgnoreSpec.from_lines((folder / ".funcignore").read_text().splitlines())
    return [name for name in everything(folder) if not ignored.match_file(name)]


def by_core_tools(folder: Path, _place: Path) -> list[str]:
    """Take what `func azure functionapp publish` takes: .funcignore, by rules of its own."""
    return [name for name in everything(folder) if not core_tools_denies(name)]


def by_docker(folder: Path, _place: Path) -> list[str]:
    """Take what the image's build is given."""
    return [name for name in everything(folder) if not left_out(name)]


def by_azure_ml(folder: Path, _place: Path) -> list[str]:
    """Take what a training job is sent with."""
    ignored = pathspec.GitIgnoreSpec.from_lines((folder / ".amlignore").read_text().splitlines())
    return [name for name in everything(folder) if not ignored.match_file(name)]


@pytest.mark.parametrize(
    "pack", [by_ops, by_ops_of_an_earlier_commit, by_git, by_azd, by_core_tools, by_docker, by_azure_ml]
)
def test_nothing_of_it_is_packed(pack: Pack, folder: Path, tmp_path: Path) -> None:
    packed = pack(folder, tmp_path)
    assert "functions/scoring/smart.py" in packed
    assert [name for name in packed if name.startswith(".azure")] == []
