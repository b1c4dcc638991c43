"""The oldest Python of this machine that the collector promises to run under."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

OLDEST = (3, 8)


@cache
def oldest_python() -> tuple[str, str]:
    """Return path and version of the oldest Python from 3.8 on: on PATH, of pyenv, or the tests' own."""
    folders = [Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"]
    candidates = [str(path) for folder in folders for path in folder.glob("3.*/bin/python3")]
    candidates += [own for minor in range(8, 30) if (own := shutil.which(f"python3.{minor}"))]
    found: dict[tuple[int, ...], str] = {sys.version_info[:3]: sys.executable}
    for candidate in candidates:
        done = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False)
        version = re.search(r"Python (\d+)\.(\d+)\.(\d+)", done.stdout)
        if done.returncode == 0 and version and (numbers := tuple(map(int, version.groups()))) >= OLDEST:
            found.setdefault(numbers, candidate)
    oldest = min(found)
    return found[oldest], ".".join(map(str, oldest))
