"""Microsoft's Bicep CLI: the one version that checks and deploys, where it is, and how it is run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

VERSION = "0.49.2"
"""The version that checks here and in ci.yml, and deploys (.github/actions/bicep, docs/deploy.md)."""

UNPACK = Path(__file__).resolve().parents[2] / "shared" / "tools" / "bicep" / "unpack"
"""Prints the path of the same version where it lies beside the project."""

# Without the first .NET looks for ICU, and ends where there is none; the second saves a quarter of a start.
ENVIRONMENT = {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1", "DOTNET_TieredPGO": "0"}

_COMPLAINT = re.compile(r" : (Warning|Error|Info) |^(WARNING|ERROR):", re.MULTILINE)
_COLOUR = re.compile(r"\x1b\[[\d;]*m")


def find(say: Callable[[str], None], unpack: Path = UNPACK) -> str | None:
    """Return the Bicep CLI of the pinned version, on PATH or packed; None when there is none.

    *say* is told of one of another version, which is not used.
    """
    if found := shutil.which("bicep"):
        done = _run([found, "--version"], Path.cwd())
        version = re.search(r"\d+\.\d+\.\d+", done.stdout)
        if version and version[0] == VERSION:
            return found
        which = version[0] if version else "of no version"
        say(f"bicep: {found} is {which}, not used; expected {VERSION}: az bicep install --version v{VERSION}")
    if unpack.is_file():
        return subprocess.run([unpack], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603
    return None


def complaints(bicep: str, arguments: Sequence[str | Path], folder: Path, **variables: str) -> str:
    """Run the Bicep CLI in a folder, and return what it says when it is not content; a warning is enough."""
    done = _run([bicep, *map(str, arguments)], folder, **variables)
    output = _COLOUR.sub("", done.stderr + done.stdout).strip()
    if done.returncode == 0 and not _COMPLAINT.search(output):
        return ""
    return output or f"exit code {done.returncode}"


def _run(command: list[str], folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **ENVIRONMENT, **variables}
    return subprocess.run(  # noqa: S603
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
