"""`make deploy` and `make destroy`: what they run, without running it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MAKE = shutil.which("make")

pytestmark = pytest.mark.skipif(MAKE is None, reason="make is not on PATH")


def made(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Ask make what it would run; set-up is taken to be done."""
    command = [str(MAKE), "--no-print-directory", "-o", "install", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["deploy", "ENV=dev"], 'deploy --env "dev"'),
        (["deploy", "ENV=dev", "STEP=code smoke"], 'deploy --env "dev" --step code --step smoke'),
        (["deploy", "ENV=dev", "YES=1"], 'deploy --env "dev" --yes'),
        (["destroy", "ENV=dev"], 'destroy --env "dev"'),
    ],
)
def test_what_is_run(arguments: list[str], command: str) -> None:
    words = made("--dry-run", *arguments).stdout.replace("\\", "").split()
    assert words == f".venv/bin/python -m ops {command}".split()


@pytest.mark.parametrize("target", ["deploy", "destroy"])
def test_an_environment_has_to_be_named(target: str) -> None:
    done = made(target, "ENV=")
    assert done.returncode == 2
    assert done.stderr.startswith(f"name the environment: make {target} ENV=dev\n")
