"""The package keeps to Python 3.8: its syntax, its library, and runs under the oldest found."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from collector import VERSION
from functions.version import RELEASE
from tests.collector.oldest_python import OLDEST, oldest_python
from tests.collector.recorded import recording
from tests.support.fake_smartctl import install, record
from tests.support.running_app import PROJECT
from tests.support.scripted_receiver import RESET, Scripted, scripted_receiver
from tools.collector_zipapp import PACKAGE, pack

SOURCES = sorted((PROJECT / PACKAGE).rglob("*.py"))

YOUNGER = re.compile(
    r"\.removeprefix\(|\.removesuffix\(|\bfunctools\.cache\b|\bdt\.UTC\b|\bdatetime\.UTC\b|\bzip\(.*strict="
    r"|\bmatch_args\b|kw_only=|slots=True|\bExceptionGroup\b|\.is_relative_to\(|\.with_stem\(|\.readlink\("
    r"|\bpairwise\b|\brandbytes\b|usedforsecurity|\.hardlink_to\(|\bto_thread\b|\baiter\b|encoding=\"locale\""
)
"""What came to the library after 3.8, as source text, of the modules that are used here."""

MODULES = {
    "__future__",
    "argparse",
    "base64",
    "collections",
    "concurrent.futures",
    "configparser",
    "contextlib",
    "csv",
    "dataclasses",
    "datetime",
    "difflib",
    "email.utils",
    "errno",
    "fcntl",
    "fnmatch",
    "hashlib",
    "http.client",
    "io",
    "json",
    "os",
    "pathlib",
    "random",
    "re",
    "shutil",
    "signal",
    "socket",
    "ssl",
    "stat",
    "subprocess",
    "sys",
    "time",
    "typing",
    "urllib.error",
    "urllib.parse",
    "urllib.request",
}
"""Modules of the standard library that 3.8 has."""


def packed(folder: Path) -> Path:
    """Write the zipapp into a folder."""
    path = folder / "drivecast-collect.pyz"
    path.write_bytes(pack(PROJECT / PACKAGE))
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_syntax_and_library(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text, feature_version=OLDEST)
    assert not YOUNGER.findall(text)
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            assert name in MODULES or name.split(".")[0] == PACKAGE, name


def test_the_release_is_the_apps() -> None:
    assert VERSION == RELEASE


def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    first = pack(PROJECT / PACKAGE)
    copy = tmp_path / "elsewhere"
    for path in SOURCES:
        there = copy / path.relative_to(PROJECT / PACKAGE)
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert hashlib.sha256(pack(copy)).hexdigest() == hashlib.sha256(first).hexdigest()


def test_one_file_of_nothing_but_the_package(tmp_path: Path) -> None:
    path = packed(tmp_path)
    names = zipfile.ZipFile(path).namelist()
    assert names == [
        "__main__.py",
        *(f"collector/{each.relative_to(PROJECT / PACKAGE).as_posix()}" for each in SOURCES),
    ]
    assert path.stat().st_size < 200_000
    assert path.stat().st_mode & stat.S_IXUSR


@pytest.mark.parametrize("python", [oldest_python()[0], sys.executable], ids=[oldest_python()[1], "own"])
def test_the_packed_file_runs(tmp_path: Path, python: str) -> None:
    """Started as cron does it, in a folder that has no package of ours, without site-packages."""
    host = tmp_path / "host"
    host.mkdir()
    program = install(host, {"/dev/sda": "scsi", "/dev/nvme0": "nvme", "/dev/sdc": "scsi"}, python)
    record(host, "sda", recording("hdd-exos-x16"))
    record(host, "nvme0@nvme", recording("nvme-970-evo-plus"))
    record(host, "sdc", recording("standby"))
    (host / "c.ini").write_text(f"[drivecast-collect]\nsmartctl = {program}\nstate = {host}\nattempts = 2\n")
    command = [python, "-I", "-W", "error", str(packed(tmp_path)), "--config", "c.ini"]

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*command, *options], cwd=host, capture_output=True, text=True, check=False)

    done = run()
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 3), done.stderr
    assert "(standby)" in done.stderr
    for _ in range(2):
        done = run("--append", "day.csv")
        assert (done.returncode, done.stderr) == (0, "")
    assert len((host / "day.csv").read_text().splitlines()) == 3
    with scripted_receiver() as receiver:
        to = ["--upload", f"{receiver.url}/telemetry?sig=x", "--send", receiver.url, "--send-as", "batch"]
        receiver.script = [Scripted(503, b"", {"Retry-After": "0"}), RESET]
        done = run(*to)
        assert (done.returncode, len(receiver.received)) == (5, 3), done.stderr
        done = run(*to, "--upload-as", "json")
        assert (done.returncode, len(receiver.received)) == (0, 6), done.stderr


def test_which_python_it_was(record_property: Callable[[str, object], None]) -> None:
    record_property("oldest_python", " ".join(oldest_python()))
    done = subprocess.run(
        [oldest_python()[0], "-c", "import sys, json; print(json.dumps(sys.version_info[:2]))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert tuple(json.loads(done.stdout)) >= OLDEST
