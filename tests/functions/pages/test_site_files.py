"""Which files the pages are made of, and when they are read."""

from __future__ import annotations

import subprocess
import sys

import pytest

from functions.pages.site_files import SITE, site_file
from tests.support.running_app import PROJECT

LAZY = """
import builtins, io, pathlib, sys
opened = []
real = io.open
io.open = lambda file, *rest, **named: (opened.append(str(file)), real(file, *rest, **named))[1]
import function_app
from functions.pages.site_files import site_file
before = [name for name in opened if "/site/" in name]
site_file("home.html")
site_file("home.html")
after = [name for name in opened if "/site/" in name]
print(len(before), len(after), "functions.pages.model_card" in sys.modules)
"""


def test_a_file() -> None:
    assert site_file("home.js") == ((SITE / "home.js").read_bytes(), "text/javascript")


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../__init__.py", "home", "home.js/", "HOME.JS", "home.js\0"]
)
def test_no_file(name: str) -> None:
    assert site_file(name) is None


def test_nothing_is_read_before_it_is_asked_for() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LAZY], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["0", "1", "False"]
