"""The app's version: one digest for the same files, however they came, and an order that all agree on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from functions.version import CONTENT, PACKED, RELEASE, AppVersion, app_version, version_of
from ops.deploy import package
from tests.container.test_image import instructions, left_out
from tests.test_deployment_files import core_tools_denies

ROOT = Path(__file__).parents[2]
MORNING, EVENING = (datetime(2027, 1, 25, hour, tzinfo=UTC) for hour in (8, 20))

type Change = Callable[[Path], object]


def copy(target: Path, leave: Callable[[str], bool] = lambda _: False) -> Path:
    """Copy what is deployed and what lies beside it, but for the files that are left behind."""
    for name in CONTENT:
        found = [ROOT / name] if (ROOT / name).is_file() else sorted((ROOT / name).rglob("*"))
        for path in found:
            inside = path.relative_to(ROOT)
            if path.is_file() and not leave(inside.as_posix()):
                (target / inside).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target / inside)
    return target


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app in a folder of its own."""
    return copy(tmp_path_factory.mktemp("app"))


@pytest.fixture
def changed(app: Path, tmp_path: Path) -> Path:
    """A copy to change."""
    return Path(shutil.copytree(app, tmp_path / "changed"))


@pytest.mark.parametrize("leave", [left_out, core_tools_denies])
def test_image_and_core_tools_make_the_same_version(leave: Callable[[str], bool], tmp_path: Path) -> None:
    """Without what is never loaded. `ops deploy`'s package: tests/ops/deploy/test_package.py."""
    there = copy(tmp_path, leave)
    assert not list(there.rglob("pipeline.joblib"))
    assert version_of(there).is_same(app_version())


def test_the_digest_is_of_what_is_packed(app: Path) -> None:
    """A file more or less in the package is another version."""
    shutil.copy(ROOT / ".funcignore", app)
    names = package.files(app)
    (app / ".funcignore").unlink()
    before = version_of(app)
    for name in (names[0], names[len(names) // 2], names[-1]):
        (app / name).rename(app / "away")
        assert not version_of(app).is_same(before), name
        (app / "away").rename(app / name)
    assert version_of(app).is_same(before)


def to_windows(folder: Path) -> None:
    """Write text as a checkout on Windows has it."""
    for path in (folder / "functions").rglob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def run_it(folder: Path) -> None:
    """Leave what running and looking leaves."""
    subprocess.run([sys.executable, "-m", "compileall", "-q", "functions"], cwd=folder, check=True)
    assert list(folder.rglob("*.pyc"))
    (folder / "functions" / ".DS_Store").write_bytes(b"\0")
    (folder / ".python_packages").mkdir()
    (folder / PACKED).write_text("2027-01-25T08:00:00Z\n")


def touch(folder: Path) -> None:
    """Give every file another time."""
    for path in folder.rglob("*"):
        os.utime(path, (1, 1))


@pytest.mark.parametrize("change", [to_windows, run_it, touch])
def test_the_way_here_changes_nothing(change: Change, changed: Path, app: Path) -> None:
    change(changed)
    assert version_of(changed).is_same(version_of(app))


@pytest.mark.parametrize("name", ["function_app.py", "host.json", "requirements.txt", "models/registry.json"])
def test_a_changed_file_is_another_version(name: str, changed: Path, app: Path) -> None:
    (changed / name).write_bytes((changed / name).read_bytes() + b"\n")
    assert not version_of(changed).is_same(version_of(app))


def test_files_that_change_places_are_another_version(changed: Path, app: Path) -> None:
    first, second, spare = (changed / "functions" / name for name in ("errors.py", "score.py", "spare"))
    first.rename(spare)
    second.rename(first)
    spare.rename(second)
    assert not version_of(changed).is_same(version_of(app))


@pytest.mark.parametrize(
    "command",
    [
        yaml.safe_load((ROOT / "azure.yaml").read_text())["services"]["app"]["hooks"]["prepackage"]["run"],
        next(line for line in instructions("RUN") if PACKED in line),
    ],
    ids=["azd", "image"],
)
def test_whoever_packs_leaves_the_time(command: str, changed: Path) -> None:
    subprocess.run(["sh", "-c", command], cwd=changed, check=True)
    touch(changed)
    assert abs((version_of(changed).packed - datetime.now(UTC)).total_seconds()) < 60


@pytest.mark.parametrize("text", ["", "yesterday\n", "\N{SNOWMAN}"])
def test_without_a_time_the_newest_file_counts(text: str, changed: Path) -> None:
    touch(changed)
    os.utime(changed / "host.json", (MORNING.timestamp(), MORNING.timestamp()))
    if text:
        (changed / PACKED).write_text(text, encoding="utf-8")
    assert version_of(changed).packed == MORNING


def test_later_packed_is_newer_and_a_tie_has_one_winner() -> None:
    first, last = (
        AppVersion("0.1.0", when, digest * 16) for when, digest in ((MORNING, "f"), (EVENING, "0"))
    )
    assert last.is_newer_than(first)
    assert not first.is_newer_than(last)
    one, other = last, last._replace(digest="1" * 16)
    assert [one.is_newer_than(other), other.is_newer_than(one)] == [False, True]
    same = first._replace(packed=EVENING)
    assert not same.is_newer_than(first)
    assert same.is_same(first)


def test_it_is_read_as_it_is_written() -> None:
    mine = app_version()
    assert AppVersion.read(str(mine)) == mine
    assert str(mine).startswith(f"{RELEASE}+20")


@pytest.mark.parametrize("text", ["0.1.0", "", "9.0.0+20271399T080000Z.0123456789abcdef", "x+y.z"])
def test_a_text_of_another_form_is_older_than_all(text: str) -> None:
    other = AppVersion.read(text)
    assert app_version().is_newer_than(other)
    assert not other.is_newer_than(app_version())
    assert not other.is_same(app_version())
